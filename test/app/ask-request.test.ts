// Requests of programs without types: what cannot be is refused before anything is opened.
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertAskRequest } from "../../src/app/ask-request.ts";
import type { AskRequest } from "../../src/app/polylogue.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { openSimulated } from "./open.ts";

const ATTACHMENT = { name: "a.md", mediaType: "text/markdown", text: "" };

describe("a request", () => {
  it.each([
    ["question", [undefined, null, 7, "", " \n"]],
    ["with", ["claude", [7], [""]]],
    ["as", ["", 7, null]],
    ["attachments", ["a.md", ["a.md"], [{ ...ATTACHMENT, text: 7 }], [{ ...ATTACHMENT, name: "" }], [null]]],
    ["budgetUsd", [-1, 0, Number.NaN, Infinity, "1", 1_000_001]],
    ["seed", [0.5, "7", 2 ** 53]],
    ["continueFrom", [7, null]],
    ["settings", [[], "rounds=3", { rounds: null }, { rounds: Number.NaN }]],
    ["deadlineMs", [0, -1, 1.5, Number.NaN, Infinity, "1000", 86_400_001]],
  ])("is refused for what %s cannot be", (field, values) => {
    for (const value of values) {
      const request = { question: "One writer?", [field]: value } as unknown as AskRequest;
      expect(() => assertAskRequest(request), String(value)).toThrow(`${field} must be`);
    }
  });

  it.each([undefined, null, "One writer?", []])("is an object, not %j", (request) => {
    expect(() => assertAskRequest(request as unknown as AskRequest)).toThrow("The request must be an object");
  });

  it("is taken with everything that can be said, and with nothing but a question", () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            question: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ""),
            with: fc.array(fc.constantFrom("claude", "gemini")),
            as: fc.constant("vote"),
            attachments: fc.array(
              fc.record({ name: fc.constant("a"), mediaType: fc.constant("t"), text: fc.string() }),
            ),
            budgetUsd: fc.double({ min: 1e-9, max: 1_000_000, noNaN: true }),
            seed: fc.maxSafeInteger(),
            settings: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
            deadlineMs: fc.integer({ min: 1, max: 86_400_000 }),
          },
          { requiredKeys: ["question"] },
        ),
        (request) => {
          expect(() => assertAskRequest(request)).not.toThrow();
        },
      ),
      { seed: 3, numRuns: 100 },
    );
  });

  it("that is refused leaves nothing behind, asked or estimated", async () => {
    const home = join(temporaryFolder(), "home");
    const polylogue = await openSimulated({ home, folder: temporaryFolder() });
    const request = { question: "One writer?", budgetUsd: Number.NaN };
    await expect(polylogue.ask(request)).rejects.toMatchObject({ name: "PolylogueError", code: "USAGE" });
    await expect(polylogue.estimate(request)).rejects.toMatchObject({ code: "USAGE" });
    expect(existsSync(home)).toBe(false);
    const unknown = { question: "One writer?", as: "debat" };
    await expect(polylogue.ask(unknown)).rejects.toMatchObject({ code: "ORCHESTRATION_UNKNOWN", exitCode: 2 });
  });
});
