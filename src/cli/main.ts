#!/usr/bin/env node
// The `polylogue` command. Everything modern is imported only after the check of
// Node's version, so that an old Node prints a sentence and no syntax error.
import { nodeVersionProblem } from "./node-version.ts";

const problem = nodeVersionProblem(process.versions.node);
if (problem === null) {
  const { runProcess } = await import("./run-process.ts");
  await runProcess(process);
} else {
  process.stderr.write(problem);
  process.exitCode = 3;
}
