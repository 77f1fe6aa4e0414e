// Live columns: feeds what happens into the view's state and lets the screen draw it.
import type { Watcher } from "../ask/watcher.ts";
import type { Io } from "../io.ts";
import type { Palette } from "../palette.ts";
import { layoutColumns } from "./columns.ts";
import { openScreen } from "./screen.ts";
import { nextView, startView, type ViewInput } from "./state.ts";
import { createTailWrapper } from "./wrapper.ts";

export interface LiveWatcherOptions {
  readonly io: Io;
  readonly palette: Palette;
  readonly question: string;
  readonly orchestration: string;
  readonly simulated: boolean;
}

export function createLiveWatcher({ io, palette, ...setup }: LiveWatcherOptions): Watcher {
  const nowMs = (): number => io.clock.monotonicUs() / 1_000;
  const wrap = createTailWrapper();
  let state = startView({ ...setup, startedMs: nowMs() });
  const screen = openScreen({
    io,
    clock: io.clock,
    render: (size) => layoutColumns(state, { ...size, nowMs: nowMs(), palette, wrap }),
  });
  const feed = (input: ViewInput): void => {
    state = nextView(state, input);
    screen.touch();
  };
  return {
    onProgress: (progress) => feed({ kind: "progress", progress, atMs: nowMs() }),
    onJournal: (event) => feed({ kind: "journal", event, atMs: nowMs() }),
    onDraining: () => feed({ kind: "draining" }),
    close: () => screen.close(),
  };
}
