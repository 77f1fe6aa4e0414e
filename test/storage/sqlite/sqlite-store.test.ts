// The SQLite store keeps the store contract, in a file and in memory.
import { storeContract } from "../../contracts/store-contract.ts";
import { SQLITE_FILE, SQLITE_MEMORY } from "./sqlite-home.ts";

storeContract(SQLITE_FILE);
storeContract(SQLITE_MEMORY);
