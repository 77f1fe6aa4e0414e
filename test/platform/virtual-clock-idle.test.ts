// Simulated time does not move while the program is still at work.
import { expect, it } from "vitest";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";

it("waits for a long chain of deferred work before it fires the next timer", async () => {
  const clock = createVirtualClock();
  let fired = false;
  clock.setTimer(1_000, () => {
    fired = true;
  });
  const chain = async (): Promise<boolean> => {
    for (let link = 0; link < 50; link++) await new Promise<void>((resolve) => clock.defer(resolve));
    return fired;
  };
  expect(await clock.run(chain())).toBe(false);
});
