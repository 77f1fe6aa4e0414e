// Thirty seeded kills in the middle of two conversations, ten of them followed by
// a kill of the recovery: nothing acknowledged is lost, nothing is delivered
// twice, every conversation ends.
import { beforeAll, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { countFailpoints, crashOnce } from "./crash-run.ts";

const KILLS = 30;
const READY_MS_MAX = 2_000;

describe("kill -9", () => {
  let failpoints = 0;
  beforeAll(async () => {
    failpoints = await countFailpoints();
  }, 60_000);

  it.for(Array.from({ length: KILLS }, (_, index) => index + 1))(
    "seed %i loses nothing and goes on",
    { timeout: 120_000 },
    async (seed) => {
      verifies("R7.1", "R7.3");
      const report = await crashOnce(seed, failpoints);
      expect(report).toMatchObject({
        killed: true,
        lost: [],
        deliveredTwice: [],
        turnsWithoutOneResult: [],
        notEnded: [],
        integrity: "ok",
      });
      expect(report.readyMs).toBeLessThan(READY_MS_MAX);
    },
  );
});
