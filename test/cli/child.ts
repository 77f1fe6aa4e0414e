// A process of its own for tests of signals and closed pipes: the real entry's
// Io over a Polylogue that waits. `drains` ends a moment after the first signal,
// `stubborn` never does, `talkative` writes lines until nobody reads them.
import { createProcessIo } from "../../src/cli/process-io.ts";
import { runCli } from "../../src/cli/run.ts";
import { PolylogueError } from "../../src/domain/errors.ts";
import { createSystemClock, sleep } from "../../src/platform/clock.ts";
import { fakePolylogue } from "./fake-polylogue.ts";
import { created, says, started } from "./sample-conversation.ts";
import { askDocument, ID } from "./sample-documents.ts";

const clock = createSystemClock();
const [mode = "", ...args] = process.argv.slice(2);

const fake = fakePolylogue({
  ask: async (request) => {
    request.onStarted?.(ID);
    request.onProgress?.(started("claude", 1));
    process.stderr.write("ready\n");
    const { signal, release } = request;
    while (mode === "stubborn" || (signal?.aborted !== true && release?.aborted !== true)) {
      if (mode === "talkative") request.onProgress?.(says("claude", 1, "word ".repeat(200)));
      await sleep(clock, 5);
    }
    await sleep(clock, 20);
    if (release?.aborted === true) throw new PolylogueError("CANCELLED", { message: "Left." });
    return askDocument({ status: "cancelled" });
  },
  conversations: {
    tail: async function* () {
      await Promise.resolve();
      yield created();
    },
  },
});

const unused = (): Promise<never> => Promise.reject(new Error("not used here"));
process.exitCode = await runCli({
  args,
  io: createProcessIo(process),
  version: "polylogue 0.0.0 (test)",
  services: {
    createPolylogue: () => Promise.resolve(fake.polylogue),
    readAttachments: () => Promise.resolve([]),
    orchestrations: () => Promise.resolve([]),
    explainConfig: unused,
    trustConfig: unused,
    startSimulators: unused,
  },
});
