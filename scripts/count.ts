// Prints the closing line of a test run, `N passed, N failed, N skipped`, from
// vitest's JSON report, and what was skipped and why.
import { readFileSync } from "node:fs";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

const file = process.argv[2];
if (file === undefined) throw new Error("usage: count.ts REPORT.json");
const report = JSON.parse(readFileSync(file, "utf8")) as Report;
// A file that could not even be loaded has no test, but it has failed.
const unloaded = report.testResults.filter(
  (result) => result.status === "failed" && result.assertionResults.length === 0,
);
const failed = report.numFailedTests + unloaded.length;
const skipped = report.numPendingTests === 0 ? "" : `, ${report.numPendingTests} skipped`;
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed${skipped}\n`);
process.exitCode = failed === 0 && report.numPassedTests > 0 ? 0 : 1;
