// The layout is a pure function: whatever happened and however small the
// terminal, the rows fit it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPalette } from "../../../src/cli/palette.ts";
import { plainText, widthOf } from "../../../src/cli/terminal-text.ts";
import { handshakeText, layoutColumns } from "../../../src/cli/view/columns.ts";
import { type Lane, startView, type ViewState } from "../../../src/cli/view/state.ts";
import { createTailWrapper } from "../../../src/cli/view/wrapper.ts";

const wordy = fc
  .array(
    fc.constantFrom("word ", "世界", "👩‍👩‍👧", "e\u0301", "\n", "\u001b[31m", "\t", "averyveryverylongword", " - "),
    { maxLength: 60 },
  )
  .map((words) => words.join(""));

const lanes: fc.Arbitrary<Lane> = fc.record({
  agent: fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/),
  vendor: fc.constantFrom("", "anthropic", "google"),
  model: fc.constantFrom("m", "a-model-with-a-very-long-name-2026-11-22"),
  state: fc.constantFrom("waiting", "asked", "thinking", "writing", "done", "retrying", "failed", "refused"),
  reason: wordy,
  text: wordy,
  attemptId: fc.constant(null),
  turnId: fc.constant(null),
  round: fc.constant(null),
  inputTokens: fc.nat(),
  outputTokens: fc.nat(),
  costNanoUsd: fc.nat(),
  spentMs: fc.nat(),
  attemptStartedMs: fc.option(fc.nat(), { nil: null }),
});

const states: fc.Arbitrary<ViewState> = fc.record({
  question: wordy,
  orchestration: fc.constantFrom("debate", "round-robin"),
  simulated: fc.boolean(),
  startedMs: fc.nat(),
  handshake: fc.option(fc.record({ epoch: fc.nat(), digest: fc.constant("f".repeat(64)), members: fc.nat(64) }), {
    nil: null,
  }),
  round: fc.option(fc.nat(9), { nil: null }),
  lanes: fc.uniqueArray(lanes, { maxLength: 9, selector: ({ agent }) => agent }),
  isDraining: fc.boolean(),
});

const sizes = { columns: fc.integer({ min: 1, max: 160 }), rows: fc.integer({ min: 1, max: 50 }) };

describe("the live layout", () => {
  it("fills the terminal exactly, and no row is wider than it", () => {
    const size = fc.record(sizes);
    fc.assert(
      fc.property(states, size, fc.boolean(), (state, { columns, rows }, colors) => {
        const options = { columns, rows, nowMs: 1_000, palette: createPalette(colors), wrap: createTailWrapper() };
        const layout = layoutColumns(state, options);
        expect(layout).toHaveLength(rows);
        for (const row of layout) expect(widthOf(row)).toBeLessThanOrEqual(columns);
      }),
      { numRuns: 300 },
    );
  });

  it("lets nothing of a model's text through that a terminal would obey", () => {
    fc.assert(
      fc.property(states, (state) => {
        const options = { columns: 90, rows: 30, nowMs: 0, palette: createPalette(false), wrap: createTailWrapper() };
        for (const row of layoutColumns(state, options)) expect(plainText(row)).toBe(row);
      }),
    );
  });

  function sample(count: number, change: Partial<Lane> = {}): ViewState {
    const state = startView({ question: "One or two?", orchestration: "debate", simulated: true, startedMs: 0 });
    const all = Array.from(
      { length: count },
      (_, index): Lane => ({
        agent: `agent${index}`,
        vendor: "anthropic",
        model: `m${index}`,
        state: "writing",
        reason: "",
        text: `text${index}`,
        attemptId: null,
        turnId: null,
        round: 1,
        inputTokens: 10,
        outputTokens: 5,
        costNanoUsd: 1_000_000,
        spentMs: 0,
        attemptStartedMs: 0,
        ...change,
      }),
    );
    return { ...state, lanes: all, round: 1, handshake: { epoch: 1, digest: "abcdef0123456789", members: count } };
  }

  function show(state: ViewState, columns: number, rows: number): string[] {
    return layoutColumns(state, {
      columns,
      rows,
      nowMs: 65_000,
      palette: createPalette(false),
      wrap: createTailWrapper(),
    });
  }

  it("does not say how they talk before it is known", () => {
    expect(show({ ...sample(3), orchestration: "", round: null }, 80, 12)[0]).toMatch(/^starting … · simulated +1:05$/);
  });

  it("shows three agents side by side", () => {
    const rows = show(sample(3), 80, 12);
    expect(rows[0]).toMatch(/^debate · round 2 · simulated +1:05$/);
    expect(rows[1]).toBe("One or two?");
    expect(rows[2]).toBe("3 agents, 3 links, epoch 1, digest abcdef012345");
    expect(rows[4]).toMatch(/^agent0: writing +│ agent1: writing +│ agent2: writing/);
    expect(rows[5]).toMatch(/^anthropic\/m0 +│ anthropic\/m1/);
    expect(rows[6]).toMatch(/^~17 tok · \$0\.0010 · 1 m/);
    expect(rows[7]).toMatch(/^text0 +│ text1 +│ text2/);
    expect(rows[11]).toBe("total $0.0030, 45 tokens · Ctrl-C stops after the running turns");
    expect(show(sample(3), 60, 12)[11]).toBe("total $0.0030, 45 tokens · Ctrl-C stops");
    expect(show({ ...sample(3), isDraining: true }, 50, 12)[11]).toBe("total $0.0030, 45 tokens · Ctrl-C ends");
  });

  it("stacks them on a narrow terminal, and uses bands where columns would be too narrow", () => {
    const narrow = show(sample(3), 50, 24).join("\n");
    expect(narrow).not.toContain("│");
    expect(narrow).toMatch(/agent0: writing · anthropic\/m0\n~17 tok[^\n]*\ntext0[\s\S]+agent1: writing[\s\S]+agent2/);
    const seven = show(sample(7), 120, 40).join("\n");
    expect(seven).toMatch(/agent0[^\n]+agent1[^\n]+agent2[^\n]+agent3/);
    expect(seven).toMatch(/agent4[^\n]+agent5[^\n]+agent6/);
  });

  it("counts those that do not fit, and keeps those at work", () => {
    const state = sample(9, { state: "done" });
    const busy = {
      ...state,
      lanes: state.lanes.map((lane, index) => (index === 8 ? { ...lane, state: "writing" as const } : lane)),
    };
    const rows = show(busy, 50, 14).join("\n");
    expect(rows).toContain("agent8: writing");
    expect(rows).toContain("… and 7 more agents");
  });

  it("says why someone is out or tries again", () => {
    expect(show(sample(1, { state: "failed", reason: "too many requests" }), 80, 12).join("\n")).toMatch(
      /agent0: failed[\s\S]+too many requests/,
    );
    expect(show(sample(1, { state: "retrying", reason: "reset" }), 80, 12).join("\n")).toContain("tries again (reset)");
    expect(show(sample(1, { state: "retrying", vendor: "" }), 80, 12).join("\n")).toContain("agent0: retrying");
  });

  it("waits visibly before anybody is there, and tells what a second Ctrl-C does", () => {
    const empty = startView({ question: "q", orchestration: "debate", simulated: false, startedMs: 0 });
    expect(show(empty, 80, 12).join("\n")).toMatch(/^debate +1:05\nq\nshaking hands …[\s\S]+Waiting for the agents …/);
    expect(show({ ...empty, isDraining: true }, 80, 12).at(-1)).toContain("Ctrl-C again ends at once");
  });

  it("does not show half a ballot", () => {
    const rows = show(sample(1, { text: '{"ranking":["A"' }), 80, 12).join("\n");
    expect(rows).toContain("Writes a structured answer …");
    expect(rows).not.toContain("ranking");
  });

  it("one agent has no links", () => {
    expect(handshakeText({ members: 1, epoch: 2, digest: "ab" })).toBe("1 agent, 0 links, epoch 2, digest ab");
  });
});

describe("the tail of a growing text", () => {
  it("is the end of the whole wrapped text, however it grew", () => {
    const wrap = createTailWrapper();
    fc.assert(
      fc.property(
        wordy.map(plainText),
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 0, max: 9 }),
        (text, width, count) => {
          const all = createTailWrapper()(text, { width, count: 10_000 });
          const expected = count === 0 ? [] : all.slice(-count);
          expect(wrap(text, { width, count })).toEqual(expected);
        },
      ),
    );
  });

  it("forgets old paragraphs rather than growing for ever", () => {
    const wrap = createTailWrapper();
    for (let index = 0; index < 2_100; index++) wrap(`paragraph ${index}`, { width: 40, count: 1 });
    expect(wrap("paragraph 1", { width: 40, count: 1 })).toEqual(["paragraph 1"]);
  });
});
