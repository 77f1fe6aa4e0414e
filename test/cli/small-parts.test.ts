// Amounts, tables, values, colours, exit codes and Node's version.

import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  counted,
  formatClock,
  formatCount,
  formatCountShort,
  formatDuration,
  formatTokens,
  formatUsd,
  formatUsdShort,
} from "../../src/cli/amounts.ts";
import { exitCodeOfAsk, exitCodeOfCauses } from "../../src/cli/exit-code.ts";
import { createInterrupt, type Interrupt } from "../../src/cli/interrupt.ts";
import { nodeVersionProblem } from "../../src/cli/node-version.ts";
import { createPalette, hasColor } from "../../src/cli/palette.ts";
import { formatBlocks, formatTable } from "../../src/cli/table.ts";
import { plainText, widthOf } from "../../src/cli/terminal-text.ts";
import {
  agentNames,
  collectSetting,
  durationMs,
  integerBetween,
  portNumber,
  seedNumber,
  usdAboveZero,
} from "../../src/cli/values.ts";
import { CONVERSATION_OUTCOMES } from "../../src/domain/decision.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { captureIo } from "./capture-io.ts";

describe("amounts", () => {
  it.each([
    [0, "$0.00"],
    [1.239, "$1.24"],
    [0.0123, "$0.0123"],
    [0.000041, "$0.000041"],
    [0.000_000_4, "<$0.000001"],
  ])("%d dollars are %s", (usd, text) => {
    expect(formatUsd(usd)).toBe(text);
  });

  it.each([
    [0, "0.0 s"],
    [-5, "0.0 s"],
    [59_940, "59.9 s"],
    [185_000, "3 min 05 s"],
    [7_860_000, "2 h 11 min"],
  ])("%d ms are %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("has short forms for narrow columns", () => {
    expect([0, 0.000_837, 0.5, 12.345].map(formatUsdShort)).toEqual(["$0.0000", "$0.0008", "$0.5000", "$12.35"]);
    expect([0, 999, 6_017, 999_949, 999_950].map(formatCountShort)).toEqual(["0", "999", "6.0k", "999.9k", "1.0M"]);
  });

  it("counts, tokens and a running clock", () => {
    expect(formatCount(1_234_567)).toBe("1,234,567");
    expect(formatTokens({ ...NO_USAGE, input: 1, cacheRead: 1_000, cacheWrite: 10, output: 5 })).toBe(
      "1,011 tokens in, 5 out",
    );
    expect([formatClock(-1), formatClock(65_500)]).toEqual(["0:00", "1:05"]);
    expect([counted(1, "turn"), counted(2, "turn"), counted(0, "turn")]).toEqual(["1 turn", "2 turns", "0 turns"]);
  });
});

describe("tables", () => {
  it("align by display cells, with two spaces between and none at the end", () => {
    const rows = [
      { name: "世界", cost: 5 },
      { name: "b", cost: 1_000 },
    ];
    expect(
      formatTable(
        [
          { title: "NAME", cell: (row) => row.name },
          { title: "COST", align: "right", cell: (row) => String(row.cost) },
          { title: "NOTE", cell: () => "" },
        ],
        rows,
      ),
    ).toEqual(["NAME  COST  NOTE", "世界     5", "b     1000"]);
  });

  it("puts below what does not fit beside, and never wraps in the middle of a row", () => {
    const columns = ["ID", "STATUS", "CREATED", "COST"].map((title) => ({
      title,
      cell: (row: string) => `${row}-${title}`,
    }));
    const rows = ["a".repeat(20), "b".repeat(20)];
    const wide = formatBlocks(columns, rows, { width: Number.POSITIVE_INFINITY, columnsKept: 2 });
    expect(wide).toEqual(formatTable(columns, rows).map((line) => [line]));
    const narrow = formatBlocks(columns, rows, { width: 52, columnsKept: 2 });
    expect(narrow.map((lines) => lines.length)).toEqual([1, 3, 3]);
    expect(narrow[0]).toEqual(["ID                       STATUS"]);
    expect(narrow[1]).toEqual([
      `${rows[0]}-ID  ${rows[0]}-STATUS`,
      `    CREATED ${rows[0]}-CREATED · COST`,
      `    ${rows[0]}-COST`,
    ]);
    for (const line of narrow.flat()) expect(widthOf(line)).toBeLessThanOrEqual(52);
  });
});

describe("values", () => {
  it("are read where they are right", () => {
    expect([usdAboveZero("0.5"), usdAboveZero(".25"), usdAboveZero("3")]).toEqual([0.5, 0.25, 3]);
    expect([seedNumber("0"), portNumber("65535"), integerBetween(2, 4)("3")]).toEqual([0, 65_535, 3]);
    expect([durationMs("1.5s"), durationMs("2m"), durationMs("24h"), durationMs("1ms")]).toEqual([
      1_500, 120_000, 86_400_000, 1,
    ]);
    expect(agentNames("claude, gemini,openai:gpt-6.1/x")).toEqual(["claude", "gemini", "openai:gpt-6.1/x"]);
  });

  it("settings are collected with their types", () => {
    const settings = ["rounds=3", "strict=true", "loud=false", "share=0.5", "options=a=b\nc"].reduce(
      (all, text) => collectSetting(text, all),
      {},
    );
    expect(settings).toEqual({ rounds: 3, strict: true, loud: false, share: 0.5, options: "a=b\nc" });
  });

  it("nothing but digits is ever taken for a number", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let value: number | undefined;
        try {
          value = seedNumber(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError);
        }
        if (value !== undefined) expect(text).toMatch(/^\d+$/);
      }),
    );
  });
});

describe("colours", () => {
  const terminal = captureIo({ isTTY: true }).stdout;
  const pipe = captureIo().stdout;
  it.each([
    { why: "a terminal has them", out: terminal, expected: true },
    { why: "a pipe has none", out: pipe, expected: false },
    { why: "NO_COLOR takes them away", out: terminal, env: { NO_COLOR: "1" }, expected: false },
    { why: "an empty NO_COLOR is none", out: terminal, env: { NO_COLOR: "" }, expected: true },
    { why: "a dumb terminal has none", out: terminal, env: { TERM: "dumb" }, expected: false },
    { why: "FORCE_COLOR brings them", out: pipe, env: { FORCE_COLOR: "1" }, expected: true },
    { why: "FORCE_COLOR=0 takes them away", out: terminal, env: { FORCE_COLOR: "0" }, expected: false },
    { why: "NO_COLOR is stronger", out: pipe, env: { NO_COLOR: "1", FORCE_COLOR: "1" }, expected: false },
    { why: "--no-color is the strongest", out: terminal, env: { FORCE_COLOR: "1" }, flag: true, expected: false },
  ])("$why", ({ out, env = {}, flag = false, expected }) => {
    expect(hasColor(out, env, flag)).toBe(expected);
  });

  it("without them text is untouched; with them only escapes are added", () => {
    const off = createPalette(false);
    const on = createPalette(true);
    for (const style of ["bold", "dim", "good", "bad", "notice"] as const) {
      expect(off[style]("x")).toBe("x");
      expect(on[style]("x")).toContain("\u001b[");
      expect(plainText(on[style]("x"))).toBe("x");
      expect(on[style]("")).toBe("");
    }
    expect(new Set([0, 1, 2, 3, 4, 5].map((index) => on.lane(index, "x"))).size).toBe(6);
    expect(on.lane(6, "x")).toBe(on.lane(0, "x"));
  });
});

describe("exit codes", () => {
  const failed = (code: string) => ({ agent: "a", code, reason: "" });
  const none = { asked: [], answered: [], failed: [] };

  it.each([
    ["decided", 0],
    ["degraded", 8],
    ["no_decision", 8],
    ["budget_exhausted", 6],
    ["cancelled", 130],
    ["failed", 1],
  ] as const)("%s is %d", (status, code) => {
    expect(CONVERSATION_OUTCOMES).toContain(status);
    expect(exitCodeOfAsk({ status, quorum: none, stopReasons: [] })).toBe(code);
  });

  it.each([
    [["MODEL"], 3],
    [["KEY_MISSING"], 4],
    [["VENDOR_RATE"], 5],
    [["TIMEOUT_TURN"], 7],
    [["VENDOR_RATE", "VENDOR_AUTH"], 4],
    [["VENDOR_AUTH", "PRICE_UNKNOWN"], 3],
    [["ATTEMPT_LOST", "SOMETHING_NEW"], 1],
    [["deadline: 10 minutes are over"], 7],
    [["rounds(2)", ""], 1],
    [[], 1],
  ] as const)("a failure for %j is %d", (codes, code) => {
    expect(exitCodeOfCauses(codes)).toBe(code);
    expect(exitCodeOfAsk({ status: "failed", quorum: { ...none, failed: codes.map(failed) }, stopReasons: [] })).toBe(
      code,
    );
  });
});

describe("Node's version", () => {
  it.each(["24.15.0", "24.16.1", "25.0.0", "26.10.0"])("%s will do", (version) => {
    expect(nodeVersionProblem(version)).toBeNull();
  });

  it.each(["20.20.2", "22.22.0", "24.14.9", "nonsense"])("%s is refused with what to do", (version) => {
    const problem = nodeVersionProblem(version);
    expect(problem).toContain("24.15");
    expect(problem).toContain(version);
    expect(problem).toContain("How to mend");
  });
});

describe("Ctrl-C", () => {
  it("without anybody who drains ends at once", () => {
    expect(createInterrupt().request()).toBe(false);
  });

  it("first drains, then ends", () => {
    const interrupt = createInterrupt();
    let told = 0;
    const draining = interrupt.drain(() => {
      told += 1;
    });
    expect(interrupt.request()).toBe(true);
    expect(draining.signal.aborted).toBe(true);
    expect(interrupt.request()).toBe(false);
    expect(told).toBe(1);
  });

  it("after the release ends at once again, and a late release takes nothing from the next", () => {
    const interrupt = createInterrupt();
    const first = interrupt.drain(() => undefined);
    first.release();
    expect(interrupt.request()).toBe(false);
    const second = interrupt.drain(() => undefined);
    first.release();
    expect(interrupt.request()).toBe(true);
    expect(second.signal.aborted).toBe(true);
  });

  it("cancels; the system's signals and a closed stdout leave what runs to be resumed", () => {
    const stopped = (stop: (interrupt: Interrupt) => unknown) => {
      const interrupt = createInterrupt();
      const told: string[] = [];
      const { signal, cancel, leave } = interrupt.drain((kind) => told.push(kind));
      stop(interrupt);
      expect(signal.aborted).toBe(true);
      return [cancel.aborted, leave.aborted, told, interrupt.exitCode];
    };
    expect(stopped((interrupt) => interrupt.request())).toEqual([true, false, ["cancel"], 130]);
    expect(stopped((interrupt) => interrupt.request("SIGTERM"))).toEqual([false, true, ["leave"], 143]);
    expect(stopped((interrupt) => interrupt.request("SIGHUP"))).toEqual([false, true, ["leave"], 129]);
    expect(stopped((interrupt) => interrupt.requestQuietly())).toEqual([false, true, [], 141]);
    expect(() => createInterrupt().requestQuietly()).not.toThrow();
  });

  it("what was asked first stays: a second signal of either kind ends at once", () => {
    const interrupt = createInterrupt();
    const draining = interrupt.drain(() => undefined);
    expect([interrupt.request("SIGTERM"), interrupt.request()]).toEqual([true, false]);
    expect([draining.cancel.aborted, interrupt.exitCode]).toEqual([false, 143]);
  });
});
