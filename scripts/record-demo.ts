// Records a real run of `polylogue demo` as docs/assets/demo.svg, the terminal
// picture of the README: `node scripts/record-demo.ts`. Rows that stay the same
// from one frame to the next are drawn once; without animation the last frame shows.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createAppServices } from "../src/cli/app-services.ts";
import { createInterrupt } from "../src/cli/interrupt.ts";
import type { Io, TextOut } from "../src/cli/io.ts";
import { runCli } from "../src/cli/run.ts";
import { createSystemClock, sleep } from "../src/platform/clock.ts";

const TARGET = fileURLToPath(new URL("../docs/assets/demo.svg", import.meta.url));
const COLUMNS = 96;
const ROWS = 40;
const FRAME_MS = 900;
const LAST_FRAME_MS = 6_000;
const ESC = String.fromCharCode(27);
/** One row as the live view writes it. */
const ROW = new RegExp(`${ESC}\\[(\\d+);1H${ESC}\\[2K(.*?)${ESC}\\[0m(?=${ESC}\\[(?:\\d+;1H|\\?))`, "gs");
const STYLE = new RegExp(`(${ESC}\\[[\\d;]*m)`);
const CELL = { width: 8, height: 17 };
const COLORS: Readonly<Record<string, string>> = {
  31: "#f47067",
  32: "#8ddb8c",
  33: "#daaa3f",
  34: "#6cb6ff",
  35: "#dcbdfb",
  36: "#76e3ea",
};

/** The terminal's rows, with their style sequences. */
type Frame = readonly string[];

async function record(): Promise<Frame[]> {
  const home = mkdtempSync(path.join(tmpdir(), "polylogue-demo-"));
  const live: string[] = [];
  const printed: string[] = ["$ polylogue demo"];
  const frames: Frame[] = [[...printed]];
  const stderr = (text: string): void => {
    // The screen addresses each row; whatever else is written before it opens is plain.
    if (!text.includes(ESC)) printed.push(text.trimEnd());
    for (const [, row = "1", content = ""] of text.matchAll(ROW)) {
      live[Number(row) - 1] = content;
    }
  };
  let isOver = false;
  const sampling = (async () => {
    const clock = createSystemClock();
    while (!isOver) {
      await sleep(clock, FRAME_MS);
      if (live.length > 0) frames.push(Array.from({ length: ROWS }, (_, row) => live[row] ?? ""));
    }
  })();
  const io = recordingIo(stderr, (text) => printed.push(...text.trimEnd().split("\n")), home);
  const code = await runCli({ args: ["demo"], io, services: createAppServices(), version: "" });
  isOver = true;
  await sampling;
  rmSync(home, { recursive: true });
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
  return [...frames, printed.flatMap((text) => text.split("\n"))];
}

function recordingIo(err: (text: string) => void, out: (text: string) => void, home: string): Io {
  const stream = (write: (text: string) => void): TextOut => ({
    write,
    isTTY: true,
    columns: COLUMNS,
    rows: ROWS,
    onResize: () => () => undefined,
  });
  return {
    stdout: stream(out),
    stderr: stream(err),
    stdin: { isTTY: true, read: () => Promise.resolve(new Uint8Array()) },
    env: { TERM: "xterm-256color", HOME: home, POLYLOGUE_HOME: path.join(home, "data") },
    folder: home,
    clock: createSystemClock(),
    interrupt: createInterrupt(),
    atExit: () => () => undefined,
  };
}

/** A row's content while it stays the same: from the first of the frames up to before the last. */
interface Stay {
  readonly row: number;
  readonly content: string;
  readonly from: number;
  readonly to: number;
}

function staysOf(frames: readonly Frame[]): Stay[] {
  const rows = Math.max(...frames.map((frame) => frame.length));
  return Array.from({ length: rows }, (_, row) => {
    const stays: Stay[] = [];
    frames.forEach((frame, index) => {
      const content = frame[row] ?? "";
      const last = stays.at(-1);
      if (last?.content === content) stays[stays.length - 1] = { ...last, to: index + 1 };
      else stays.push({ row, content, from: index, to: index + 1 });
    });
    return stays;
  })
    .flat()
    .filter(({ content }) => content.trim() !== "");
}

function svgOf(frames: readonly Frame[]): string {
  const stays = staysOf(frames);
  const totalMs = (frames.length - 1) * FRAME_MS + LAST_FRAME_MS;
  const percent = (frame: number): string =>
    ((frame === frames.length ? 1 : (frame * FRAME_MS) / totalMs) * 100).toFixed(2);
  const spans = [...new Set(stays.map(({ from, to }) => `${from}-${to}`))];
  const rules = spans.map((span) => {
    const [from = 0, to = 0] = span.split("-").map(Number);
    const isLast = to === frames.length;
    const start = from === 0 ? "" : `0%{visibility:hidden}${percent(from)}%{visibility:visible}`;
    const end = isLast ? "" : `${percent(to)}%{visibility:hidden}`;
    const resting = isLast ? "visible" : "hidden";
    if (from === 0 && isLast) return "";
    return `.f${span}{visibility:${resting};animation:f${span} ${totalMs}ms step-end infinite}@keyframes f${span}{${from === 0 ? "0%{visibility:visible}" : start}${end}}`;
  });
  const height = (Math.max(...frames.map((frame) => frame.length)) + 2) * CELL.height;
  const width = (COLUMNS + 4) * CELL.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="polylogue demo in a terminal: three agents debate side by side, then the decision">
<style>text{font:13.3px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#adbac7;white-space:pre}.b{font-weight:bold}.d{opacity:.6}${rules.join("")}@media (prefers-reduced-motion:reduce){text{animation:none!important}}</style>
<rect width="100%" height="100%" rx="8" fill="#1c2128"/>
${stays.map(({ row, content, from, to }) => `<text class="f${from}-${to}" x="${2 * CELL.width}" y="${(row + 2) * CELL.height - 4}" xml:space="preserve">${spansOf(content)}</text>`).join("\n")}
</svg>
`;
}

/** SGR sequences as styled spans. */
function spansOf(content: string): string {
  let bold = false;
  let dim = false;
  let color = "";
  return content
    .split(STYLE)
    .map((part) => {
      const codes = STYLE.test(part) ? part.slice(2, -1).split(";") : undefined;
      if (codes === undefined) {
        if (part === "") return "";
        const text = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        const style = `${bold ? "b" : ""}${dim ? "d" : ""}`;
        if (style === "" && color === "") return text;
        return `<tspan${style === "" ? "" : ` class="${style.split("").join(" ")}"`}${color === "" ? "" : ` style="fill:${color}"`}>${text}</tspan>`;
      }
      for (const code of codes) {
        if (code === "0" || code === "22") dim = false;
        if (code === "0" || code === "22") bold = false;
        if (code === "1") bold = true;
        if (code === "2") dim = true;
        if (code === "0" || code === "39") color = "";
        color = COLORS[code] ?? color;
      }
      return "";
    })
    .join("");
}

const frames = await record();
writeFileSync(TARGET, svgOf(frames));
console.log(`${TARGET}: ${frames.length} frames`);
