// A process that dies: runs two conversations at once in one home and kills
// itself with SIGKILL at the n-th failpoint. Before that it prints one line for
// every event that was acknowledged to the program, `ack <event id>`.
//
//   node crash-child.ts ask|resume HOME SEED CRASH_AT
//
// `ask` starts the two conversations, `resume` goes on with what an earlier
// process left. CRASH_AT 0: never; then it prints `hits N`.
import { writeSync } from "node:fs";
import { createPolylogue } from "../../src/app/create-polylogue.ts";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createCountingFailpoints } from "../../src/platform/failpoints.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";
import type { Store, StoreTransaction } from "../../src/storage/store.ts";

const [mode = "ask", home = "", seedText = "1", crashAtText = "0"] = process.argv.slice(2);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** The same store, telling the parent what has been acknowledged. */
function acknowledging(store: Store): Store {
  return {
    ...store,
    transact: async (work) => {
      let inserted: JournalEvent[] = [];
      const result = await store.transact((transaction) => {
        inserted = [];
        const observed: StoreTransaction = {
          ...transaction,
          insertEvents: (events) => {
            const written = transaction.insertEvents(events);
            inserted.push(...written);
            return written;
          },
        };
        return work(observed);
      });
      for (const event of inserted) say(`ack ${event.id}`);
      return result;
    },
  };
}

const failpoints = createCountingFailpoints({
  crashAt: Number(crashAtText),
  crash: () => {
    process.kill(process.pid, "SIGKILL");
    throw new Error("killed");
  },
});
const polylogue = await createPolylogue({
  home,
  simulated: true,
  simulatedLatency: "none",
  seed: Number(seedText),
  environment: {},
  openStore: async (path) => acknowledging(await createSqliteStore({ path, clock: createSystemClock(), failpoints })),
});
const attachments = [
  { name: "note.md", mediaType: "text/markdown", text: "One writer keeps the order. Several writers are faster." },
];
if (mode === "ask") await askBoth();
else await polylogue.conversations.resume("all");
await polylogue.close();
say(`hits ${failpoints.count()}`);

async function askBoth(): Promise<void> {
  await Promise.all([
    polylogue.ask({ question: "Should there be one writer?", as: "debate", attachments }),
    polylogue.ask({ question: "One writer or many writers?", as: "round-robin", attachments }),
  ]);
}
