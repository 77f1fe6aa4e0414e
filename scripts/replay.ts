// Replays recorded vendor traffic through the adapters: one JSON line per call
// on stdout with --jsonl, a summary on stderr. Exit code 1 when fewer than 99 %
// of the calls that were replayed came out.
// Usage: npm run replay -- FILE… [--jsonl]
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { type ReplayLine, replayLine } from "./replay/replay-call.ts";
import { summaryOf } from "./replay/summary.ts";

const OK_SHARE_MIN = 0.99;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jsonl: { type: "boolean", default: false } },
});
if (positionals.length === 0) {
  console.error("replay: no file given; usage: npm run replay -- FILE… [--jsonl]");
  process.exit(2);
}
const results: ReplayLine[] = [];
for (const path of positionals) {
  const lines = (await readFile(path, "utf8")).split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const result = await replayLine(line, { file: basename(path), index });
    results.push(result);
    if (values.jsonl) console.log(JSON.stringify(result));
    else if (!result.ok && result.skipped === undefined) console.log(`${result.file}:${index} ${result.error}`);
  }
}
console.error(summaryOf(results));
const replayed = results.filter((result) => result.skipped === undefined);
process.exitCode = replayed.filter((result) => result.ok).length < OK_SHARE_MIN * replayed.length ? 1 : 0;
