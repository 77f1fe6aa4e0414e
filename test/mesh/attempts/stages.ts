// Opens stages for one test file and closes them after each test.
import { afterEach } from "vitest";
import { createStage, type Stage } from "./runner-harness.ts";

export function usingStages(): (seed?: number) => Promise<Stage> {
  const opened: Stage[] = [];
  afterEach(async () => {
    for (const stage of opened.splice(0)) await stage.close();
  });
  return async (seed) => {
    const stage = await createStage(seed);
    opened.push(stage);
    return stage;
  };
}
