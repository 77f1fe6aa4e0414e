// Failpoints count, and crash where they are told to.
import { describe, expect, it } from "vitest";
import { createCountingFailpoints, NO_FAILPOINTS } from "../../src/platform/failpoints.ts";

describe("failpoints", () => {
  it("are counted and named, and do nothing else unless one is to crash", () => {
    const failpoints = createCountingFailpoints();
    for (const name of ["a", "b", "a"]) failpoints.hit(name);
    expect([failpoints.count(), failpoints.names()]).toEqual([3, ["a", "b"]]);
    expect(NO_FAILPOINTS.hit("a")).toBeUndefined();
  });

  it("crash at exactly the numbered hit", () => {
    const crashed: string[] = [];
    const failpoints = createCountingFailpoints({ crashAt: 2, crash: (name) => crashed.push(name) });
    for (const name of ["a", "b", "c"]) failpoints.hit(name);
    expect(crashed).toEqual(["b"]);
    createCountingFailpoints({ crashAt: 1 }).hit("nothing happens without a crash");
  });
});
