// The journal keeps its contract over SQLite, in a file and in memory.
import { journalContract } from "../contracts/journal-contract.ts";
import { tailContract } from "../contracts/journal-tail-contract.ts";
import { SQLITE_FILE, SQLITE_MEMORY } from "../storage/sqlite/sqlite-home.ts";

for (const harness of [SQLITE_FILE, SQLITE_MEMORY]) {
  journalContract(harness);
  tailContract(harness);
}
