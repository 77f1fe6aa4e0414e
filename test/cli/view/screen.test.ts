// The screen writes only what changed, not too often, and always gives the
// terminal back.
import { describe, expect, it } from "vitest";
import { openScreen } from "../../../src/cli/view/screen.ts";
import { captureIo } from "../capture-io.ts";

const LEAVE = "\u001b[?1049l";

function open(rows: () => readonly string[]) {
  const io = captureIo({ isTTY: true, columns: 20, rows: 3 });
  let frames = 0;
  const screen = openScreen({
    io,
    clock: io.clock,
    render: () => {
      frames += 1;
      return rows();
    },
  });
  const since = (mark: number): string => io.err().slice(mark);
  return { io, screen, since, frames: () => frames };
}

describe("the screen", () => {
  it("draws at once, on its own page, in one synchronised update", () => {
    const { io } = open(() => ["a", "b", "c"]);
    expect(io.err().startsWith("\u001b[?1049h")).toBe(true);
    expect(io.err()).toContain("\u001b[?2026h\u001b[1;1H\u001b[2Ka\u001b[0m");
    expect(io.err().endsWith("\u001b[?2026l")).toBe(true);
  });

  it("writes only rows that changed, and nothing when none did", async () => {
    let second = "b";
    const { io, screen, since } = open(() => ["a", second]);
    const mark = io.err().length;
    screen.touch();
    await io.clock.advance(100);
    expect(since(mark)).toBe("");
    second = "B";
    screen.touch();
    await io.clock.advance(100);
    expect(since(mark)).toBe("\u001b[?2026h\u001b[2;1H\u001b[2KB\u001b[0m\u001b[?2026l");
  });

  it("draws at most thirty frames a second, and a few without any news", async () => {
    const busy = open(() => ["a"]);
    for (let ms = 0; ms < 1_000; ms += 2) {
      busy.screen.touch();
      await busy.io.clock.advance(2);
    }
    expect(busy.frames()).toBeLessThanOrEqual(32);
    expect(busy.frames()).toBeGreaterThan(20);
    const idle = open(() => ["a"]);
    await idle.io.clock.advance(2_000);
    expect(idle.frames()).toBeGreaterThanOrEqual(3);
    expect(idle.frames()).toBeLessThan(7);
  });

  it("draws everything again after a change of size", async () => {
    const { io, since } = open(() => ["a", "b"]);
    const mark = io.err().length;
    io.resize(30, 4);
    await io.clock.advance(40);
    expect(since(mark)).toContain("\u001b[1;1H\u001b[2Ka");
    expect(since(mark)).toContain("\u001b[2;1H\u001b[2Kb");
  });

  it("gives the terminal back once, and draws no more", async () => {
    const { io, screen, since, frames } = open(() => ["a"]);
    screen.close();
    screen.close();
    const count = frames();
    const mark = io.err().length;
    screen.touch();
    io.resize(10, 3);
    io.end();
    await io.clock.advance(500);
    expect(since(mark)).toBe("");
    expect(frames()).toBe(count);
    expect(io.err().split(LEAVE)).toHaveLength(2);
  });

  it("gives it back when the process ends in the middle", () => {
    const { io } = open(() => ["a"]);
    io.end();
    expect(io.err().endsWith(LEAVE)).toBe(true);
  });
});
