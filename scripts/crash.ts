// Seeded kills in the middle of conversations; prints a line a kill and a summary.
//
//   npm run test:crash [-- --kills 200] [-- --from SEED]
import { parseArgs } from "node:util";
import { countFailpoints, crashOnce } from "../test/crash/crash-run.ts";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, from: { type: "string", default: "1" } },
});
const from = Number(values.from);
const failpoints = await countFailpoints();
let bad = 0;
let slowestMs = 0;
let acknowledged = 0;
for (let seed = from; seed < from + Number(values.kills); seed++) {
  const report = await crashOnce(seed, failpoints);
  const faults = [report.lost, report.deliveredTwice, report.turnsWithoutOneResult, report.notEnded].flat();
  const ok = faults.length === 0 && report.integrity === "ok";
  if (!ok) bad += 1;
  slowestMs = Math.max(slowestMs, report.readyMs);
  acknowledged += report.acknowledged;
  process.stdout.write(
    `seed ${seed}: killed at ${report.crashAt} of ${failpoints}, ${ok ? "ok" : JSON.stringify(report)}\n`,
  );
}
process.stdout.write(
  `${values.kills} kills, ${bad} bad, ${acknowledged} events acknowledged, slowest ready ${Math.round(slowestMs)} ms\n`,
);
process.exitCode = bad === 0 ? 0 : 1;
