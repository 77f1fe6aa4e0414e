// Draws rows on a terminal's second screen, so that the user's own text is back
// when it closes. Only rows that changed are written, at most 30 times a second,
// in one synchronised update (mode 2026), which spares the eye torn frames.
import type { Clock } from "../../platform/clock.ts";
import type { Io } from "../io.ts";

export interface Screen {
  /** Asks for a new frame soon; many calls make one frame. */
  touch(): void;
  /** Gives the terminal back. Closing twice is harmless. */
  close(): void;
}

export interface ScreenOptions {
  readonly io: Pick<Io, "stderr" | "atExit">;
  readonly clock: Clock;
  /** The rows of a frame at this size. */
  render(size: { readonly columns: number; readonly rows: number }): readonly string[];
}

const FRAME_MS = 33;
/** Without any news a frame is drawn this often, for the running clock. */
const IDLE_FRAMES = 15;
const ESC = "\u001b[";
const OPEN = `${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J`;
const CLOSE = `${ESC}?7h${ESC}?25h${ESC}?1049l`;

export function openScreen({ io, clock, render }: ScreenOptions): Screen {
  const { stderr } = io;
  let shown: readonly string[] = [];
  let isDirty = true;
  let idleFrames = 0;
  let isClosed = false;
  let cancelTimer = (): void => undefined;

  function draw(): void {
    const rows = render({ columns: stderr.columns, rows: stderr.rows });
    const changed = rows.flatMap((row, index) =>
      row === shown[index] ? [] : [`${ESC}${index + 1};1H${ESC}2K${row}${ESC}0m`],
    );
    if (changed.length > 0) stderr.write(`${ESC}?2026h${changed.join("")}${ESC}?2026l`);
    shown = rows;
  }

  function tick(): void {
    idleFrames += 1;
    if (isDirty || idleFrames >= IDLE_FRAMES) {
      isDirty = false;
      idleFrames = 0;
      draw();
    }
    cancelTimer = clock.setTimer(FRAME_MS, tick);
  }

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    cancelTimer();
    stopResize();
    forget();
    stderr.write(CLOSE);
  }

  const stopResize = stderr.onResize(() => {
    shown = [];
    isDirty = true;
    stderr.write(`${ESC}2J`);
  });
  const forget = io.atExit(close);
  stderr.write(OPEN);
  tick();
  return {
    touch: () => {
      isDirty = true;
    },
    close,
  };
}
