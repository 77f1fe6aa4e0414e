// The cache of marks: durable ones are not read again, and it does not grow without bound.
import { expect, it } from "vitest";
import { createStreamMarks } from "../../src/journal/streams.ts";

const stored = (simulated: boolean) => ({ key: "s", group: "", order: 0, value: { simulated } });

it("a mark is read once and then known, but only once it is kept", () => {
  const marksWith = createStreamMarks();
  let reads = 0;
  const read = () => {
    reads += 1;
    return stored(true);
  };
  expect(marksWith(read).of("s")).toBe(true);
  const kept = marksWith(read);
  expect([kept.of("s"), kept.of("s")]).toEqual([true, true]);
  expect(reads).toBe(2);
  kept.keep();
  expect(marksWith(read).of("s")).toBe(true);
  expect(reads).toBe(2);
});

it("what was set in a transaction that was undone is forgotten with it", () => {
  const marksWith = createStreamMarks();
  marksWith(() => undefined).set("s", true);
  expect(marksWith(() => undefined).of("s")).toBeUndefined();
});

it("starts anew when it has grown large", () => {
  const marksWith = createStreamMarks();
  for (let number = 0; number <= 10_000; number++) {
    const marks = marksWith(() => undefined);
    marks.set(`s${number}`, true);
    marks.keep();
  }
  expect(marksWith(() => undefined).of("s0")).toBeUndefined();
  expect(marksWith(() => undefined).of("s10000")).toBe(true);
});
