// How a process judges its own slowness.
import { expect, it } from "vitest";
import { createLocalHealth } from "../../../src/mesh/registry/local-health.ts";

it("rises with every late timer up to a bound, and falls with every timely one", () => {
  const health = createLocalHealth();
  expect(health.observe(1_000, 1_400)).toBe(false);
  expect(health.score()).toBe(0);
  for (let late = 0; late < 12; late++) expect(health.observe(1_000, 1_600)).toBe(true);
  expect(health.score()).toBe(8);
  health.observe(1_000, 1_000);
  expect(health.score()).toBe(7);
});
