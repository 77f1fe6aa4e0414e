// SIGKILL at seeded places: in the middle of any statement, before and after
// the commit, at any moment. Nothing acknowledged is ever lost.
import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../src/platform/random.ts";
import { verifies } from "../requirements.ts";
import { startWriter, type WriterProcess } from "../storage/fixtures/writer-process.ts";
import { COUNTS } from "../storage/fixtures/writer-settings.ts";
import { createTemporaryFile } from "../storage/sqlite/sqlite-home.ts";
import { expectNothingLost, openAfterCrash } from "./store-after-crash.ts";

const KILLS = 10;
const SEED = 20_261_122;
const READY_MS_MAX = 2_000;

describe("kill -9", () => {
  it(`${KILLS} times on one store loses nothing that was acknowledged`, async () => {
    verifies("R7.3");
    const random = createSeededRandom(SEED);
    const file = createTemporaryFile();
    const acknowledged = {
      events: [] as ReturnType<WriterProcess["acknowledged"]>,
      bodies: [] as { hash: string; bytes: number }[],
    };
    for (let round = 0; round < KILLS; round++) {
      const writer = startWriter({
        path: file.path,
        writer: `w${round}`,
        mode: "at-once",
        streams: ["a", "b", "c"],
        appends: 100_000,
        // The first rounds die while the store is made; odd ones at a random failpoint, even ones at a random moment.
        ...(round < 2 || round % 2 === 1 ? { crashAt: 1 + random.integer(round < 2 ? 12 : 3_000) } : {}),
      });
      if (round >= 2 && round % 2 === 0) {
        const wanted = 1 + random.integer(120);
        await writer.says(() => writer.acknowledged().length >= wanted);
        writer.kill();
      }
      expect(await writer.end).toMatchObject({ signal: "SIGKILL", stderr: "" });
      acknowledged.events.push(...writer.acknowledged());
      acknowledged.bodies.push(...writer.lines.flatMap((line) => ("ack" in line ? [line.body] : [])));

      const start = performance.now();
      const opened = await openAfterCrash(file.path, [COUNTS]);
      expect(performance.now() - start).toBeLessThan(READY_MS_MAX);
      const all = await expectNothingLost(opened, acknowledged);
      for (const stream of ["a", "b", "c"]) {
        const count = all.filter((event) => event.stream === stream).length;
        expect((await opened.journal.document("counts", stream))?.value ?? 0).toBe(count);
        // Both events of an append, or none.
        expect(count % 2).toBe(0);
      }
      await opened.store.close();
    }
    expect(acknowledged.events.length).toBeGreaterThan(100);
    file.remove();
  });
});
