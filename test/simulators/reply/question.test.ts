// What is asked is found in any prompt, and quickly.
import { describe, expect, it } from "vitest";
import type { Prompt } from "../../../src/simulators/reply/prompt.ts";
import { assignmentOf } from "../../../src/simulators/reply/question.ts";
import { expectLinear } from "../../conversations/growth.ts";

const asking = (text: string): Prompt => ({ system: "", messages: [{ role: "user", text }] }) as unknown as Prompt;

describe("the question of a prompt", () => {
  it.each([
    ["Tabs or spaces? Be brief. Why?", "Why?"],
    ["Is it so?! Really.", "Is it so?"],
    ["First line.\nShould we?\nThanks.", "Should we?"],
    ["?? What now ?", "What now ?"],
    ["Question: which one\nmore", "which one"],
    ["No mark at all\nsecond line", "No mark at all"],
  ])("of %j is %j", (text, question) => {
    expect(assignmentOf(asking(text)).question).toBe(question);
  });

  it.each([
    ["one long word", (n: number) => "q".repeat(n)],
    ["words", (n: number) => "why not ".repeat(n / 8)],
    ["empty lines", (n: number) => "\n".repeat(n)],
    ["marks", (n: number) => "?".repeat(n)],
  ])("takes time in proportion to %s", (_what, text) => {
    expectLinear((size) => assignmentOf(asking(text(size))), 10_000);
  });
});
