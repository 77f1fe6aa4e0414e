// Every finished requirement is cited by a test; every citation names a requirement.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COVERED, REQUIREMENTS, verifies } from "./requirements.ts";
import { filesUnder } from "./tidy/source-files.ts";

const CITATION = /\bverifies\(([^)]*)\)/g;

function citedIds(): Set<string> {
  const cited = new Set<string>();
  for (const file of filesUnder("test").filter(
    (name) => name.endsWith(".ts") && !name.endsWith("requirements.test.ts"),
  )) {
    const text = readFileSync(file, "utf8");
    // A test that may be skipped proves nothing on the machine that skips it.
    if (text.includes("skipIf(") || text.includes("runIf(")) continue;
    for (const call of text.matchAll(CITATION)) {
      for (const id of (call[1] ?? "").matchAll(/"(R[\d.]+)"/g)) cited.add(id[1] ?? "");
    }
  }
  return cited;
}

describe("requirements", () => {
  it("each finished one is cited by a test", () => {
    const cited = citedIds();
    expect(COVERED.filter((id) => !cited.has(id))).toEqual([]);
  });

  it("each citation names a requirement", () => {
    expect([...citedIds()].filter((id) => !Object.hasOwn(REQUIREMENTS, id))).toEqual([]);
  });

  it("an unknown id fails the test that cites it", () => {
    expect(() => verifies(...(["R99.9"] as never[]))).toThrow("unknown requirement R99.9");
  });
});
