// Text on its way to a terminal: never obeyed, never wider than told.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cutText,
  firstSentence,
  padText,
  plainLine,
  plainText,
  widthOf,
  wrapText,
} from "../../src/cli/terminal-text.ts";

/** Also wide, combining and joined characters, and everything a terminal obeys. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "世界",
        "👩‍👩‍👧",
        "e\u0301",
        "\t",
        "\n",
        "\u001b[31m",
        "\u001b]0;t\u0007",
        "\u009b2J",
        "‮",
        " ",
        "word",
      ),
    ),
  )
  .map((parts) => parts.join(""));

describe("plain text", () => {
  it("holds nothing that a terminal obeys but line feeds", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested.
        expect(plainText(text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it("takes whole sequences away, not only their first character", () => {
    expect(plainText("a\u001b[1;31mred\u001b[0m b\u001b]8;;http://x\u001b\\link\u001b]8;;\u0007\u001bc!")).toBe(
      "ared blink!",
    );
    expect(plainText("one\r\ntwo\tthree")).toBe("one\ntwo    three");
    expect(plainLine("  one\r\n two\t three ")).toBe("one two three");
  });
});

describe("widths", () => {
  it("cut text fits, and is untouched where it fits already", () => {
    fc.assert(
      fc.property(anyText.map(plainLine), fc.integer({ min: 0, max: 30 }), (text, width) => {
        const cut = cutText(text, width);
        expect(widthOf(cut)).toBeLessThanOrEqual(width);
        if (widthOf(text) <= width) expect(cut).toBe(text);
      }),
    );
  });

  it("wrapped lines fit, and no word is lost", () => {
    fc.assert(
      fc.property(anyText.map(plainText), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrapText(text, width);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(lines.join("").replace(/\s/g, "").normalize()).toBe(text.replace(/\s/g, "").normalize());
      }),
    );
  });

  it.each([
    ["𑪄!𖿠", 3],
    ["𑪄世", 2],
  ])("%j fits into %i cells, although its signs are wider together", (text, width) => {
    const lines = wrapText(text, width);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    expect(lines.join("")).toBe(text);
  });

  it("a line keeps its indentation, what is carried over starts at the left", () => {
    expect(wrapText("  - one two three\nfour", 9)).toEqual(["  - one", "two three", "four"]);
  });

  it("pads by cells, on either side", () => {
    expect(padText("世", 4)).toBe("世  ");
    expect(padText("7", 3, "left")).toBe("  7");
    expect(padText("long", 2)).toBe("long");
  });
});

describe("the first sentence", () => {
  it.each([
    ["One writer. Two are faster.", "One writer."],
    ["## Title\nIs it 2.5 or 3? Nobody knows.", "Title Is it 2.5 or 3?"],
    ["no end at all", "no end at all"],
    ["", ""],
  ])("of %j", (text, expected) => {
    expect(firstSentence(text, 60)).toBe(expected);
  });

  it("is cut to the room there is", () => {
    expect(firstSentence("A very long sentence without an end", 10)).toBe("A very lo…");
  });
});
