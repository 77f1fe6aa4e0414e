// Owners of leases in words: which process it is, as far as that means anything here.
import { describe, expect, it } from "vitest";
import { createOwner, describeOwner, type ProcessTable } from "../../src/app/owner.ts";

function table(machine: string, start: string | undefined = "99"): ProcessTable {
  return { machine, startOf: () => start, isRunning: () => true };
}

describe("an owner in words", () => {
  const here = table("boot-1/pid:[1]");

  it.each([
    ["this very process", createOwner("mark", here)],
    ["process 4711 on this machine", "boot-1/pid:[1] 4711 99 mark"],
    // The same id before a restart of this process's machine, or of the process.
    [`process ${process.pid} on this machine`, `boot-1/pid:[1] ${process.pid} 12 mark`],
    ["process 4711 of another machine or container", "boot-2/pid:[1] 4711 99 mark"],
    ["process 4711 on studio.local", "studio.local 4711 - mark"],
    ["another process", "01920000-0000-7000-8000-000000000000"],
    ["another process", "boot-1/pid:[1] x 99 mark"],
    ["another process", "boot-1/pid:[1] -4 99 mark"],
    ["another process", ""],
  ])("is %s for %j", (words, owner) => {
    expect(describeOwner(owner, here)).toBe(words);
  });

  it("reads the system's own table", () => {
    expect(describeOwner(createOwner("mark"))).toBe("this very process");
  });
});
