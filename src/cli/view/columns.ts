// The live view as rows of text: one column for each agent, several bands of
// columns where they would be too narrow, one under the other on a small terminal.
// A pure function of state and size; no row is wider than the terminal.
import { CHARS_PER_TOKEN } from "../../agents/tokens/token-count.ts";
import { usdFromNano } from "../../domain/money.ts";
import {
  counted,
  formatClock,
  formatCount,
  formatCountShort,
  formatDuration,
  formatUsd,
  formatUsdShort,
} from "../amounts.ts";
import type { Palette } from "../palette.ts";
import { cutText, padText, plainLine, plainText, widthOf } from "../terminal-text.ts";
import { type Lane, type LaneState, totalOf, type ViewState } from "./state.ts";
import type { TailWrapper } from "./wrapper.ts";

export interface LayoutOptions {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly palette: Palette;
  readonly wrap: TailWrapper;
}

/** A stretch of text with at most one style: measured before it is painted. */
interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const COLUMN_WIDTH_MIN = 24;
/** Below it, lanes stand one under the other. */
const SIDE_BY_SIDE_COLUMNS_MIN = 60;
const GAP = " │ ";
const HEADER_ROWS = 3;
const BAND_ROWS_MIN = HEADER_ROWS + 3;
/** One under the other, a lane is its name, its figures, a line of text and a free line. */
const STACKED_ROWS_MIN = 4;

/** Exactly `rows` rows of at most `columns` cells. */
export function layoutColumns(state: ViewState, options: LayoutOptions): string[] {
  const { rows } = options;
  const top = headRows(state, options);
  const foot = footRow(state, options);
  const room = Math.max(0, rows - top.length - 1);
  const body = state.lanes.length === 0 ? waitingRows(options) : bandRows(state, options, room);
  const filled = [...top, ...body.slice(0, room)];
  while (filled.length < rows - 1) filled.push("");
  return [...filled.slice(0, Math.max(0, rows - 1)), foot];
}

function headRows(state: ViewState, options: LayoutOptions): string[] {
  const { columns, palette, nowMs } = options;
  const clock = formatClock(nowMs - state.startedMs);
  const round = state.round === null ? "" : ` · round ${state.round + 1}`;
  const name = state.orchestration === "" ? "starting …" : state.orchestration;
  const title = `${name}${round}${state.simulated ? " · simulated" : ""}`;
  const space = Math.max(1, columns - widthOf(clock) - 1);
  const handshake = state.handshake === null ? "shaking hands …" : handshakeText(state.handshake);
  return [
    join([{ text: padText(cutText(title, space), space), paint: palette.bold }, { text: ` ${clock}` }], columns),
    join([{ text: plainLine(state.question) }], columns),
    join([{ text: handshake, paint: palette.dim }], columns),
    palette.dim("─".repeat(columns)),
  ];
}

/** `3 agents, 3 links, epoch 1, digest ab12cd34`. */
export function handshakeText(handshake: {
  readonly members: number;
  readonly epoch: number;
  readonly digest: string;
}): string {
  const { members, epoch, digest } = handshake;
  const links = members === 0 ? 0 : (members * (members - 1)) / 2;
  return `${counted(members, "agent")}, ${counted(links, "link")}, epoch ${epoch}, digest ${digest.slice(0, 12)}`;
}

/** What Ctrl-C does, whole and where there is little room. */
const ADVICE = {
  running: ["Ctrl-C stops after the running turns", "Ctrl-C stops"],
  draining: ["draining; Ctrl-C again ends at once", "Ctrl-C ends"],
} as const;

function footRow(state: ViewState, { columns, palette }: LayoutOptions): string {
  const { costNanoUsd, tokens } = totalOf(state);
  const spent = `total ${formatUsd(usdFromNano(costNanoUsd))}, ${formatCount(tokens)} tokens`;
  const [whole, short] = state.isDraining ? ADVICE.draining : ADVICE.running;
  const advice = widthOf(`${spent} · ${whole}`) <= columns ? whole : short;
  const paint = state.isDraining ? palette.notice : palette.dim;
  return join(
    [
      { text: spent, paint: palette.bold },
      { text: ` · ${advice}`, paint },
    ],
    columns,
  );
}

function waitingRows(options: LayoutOptions): string[] {
  return ["", join([{ text: "Waiting for the agents …", paint: options.palette.dim }], options.columns)];
}

function bandRows(state: ViewState, options: LayoutOptions, room: number): string[] {
  const perBand =
    options.columns < SIDE_BY_SIDE_COLUMNS_MIN
      ? 1
      : Math.max(1, Math.floor((options.columns + GAP.length) / (COLUMN_WIDTH_MIN + GAP.length)));
  const columnsUsed = Math.min(perBand, state.lanes.length);
  const bandsWanted = Math.ceil(state.lanes.length / columnsUsed);
  const bandRowsMin = columnsUsed === 1 ? STACKED_ROWS_MIN : BAND_ROWS_MIN;
  const bandsShown = Math.max(1, Math.min(bandsWanted, Math.floor(room / bandRowsMin)));
  const shown = mostTelling(state.lanes, bandsShown * columnsUsed);
  const hidden = state.lanes.length - shown.length;
  const height = Math.floor((room - (hidden > 0 ? 1 : 0)) / bandsShown);
  const rows: string[] = [];
  for (let band = 0; band < bandsShown; band++) {
    const lanes = shown.slice(band * columnsUsed, (band + 1) * columnsUsed);
    rows.push(...sideBySide(lanes, { state, options, height, columnsUsed }));
  }
  if (hidden > 0)
    rows.push(join([{ text: `… and ${counted(hidden, "more agent")}`, paint: options.palette.dim }], options.columns));
  return rows;
}

/** All, or where they do not fit those at work, in their own order. */
function mostTelling(lanes: readonly Lane[], count: number): readonly Lane[] {
  if (lanes.length <= count) return lanes;
  const rank: Readonly<Record<LaneState, number>> = {
    writing: 0,
    thinking: 1,
    asked: 2,
    retrying: 2,
    failed: 3,
    refused: 4,
    done: 5,
    waiting: 6,
  };
  const chosen = new Set([...lanes].sort((a, b) => rank[a.state] - rank[b.state]).slice(0, count));
  return lanes.filter((lane) => chosen.has(lane));
}

interface Band {
  readonly state: ViewState;
  readonly options: LayoutOptions;
  readonly height: number;
  readonly columnsUsed: number;
}

function sideBySide(lanes: readonly Lane[], band: Band): string[] {
  const { columns, palette } = band.options;
  const width = Math.floor((columns - GAP.length * (band.columnsUsed - 1)) / band.columnsUsed);
  const blocks = lanes.map((lane) => laneCells(lane, band, width));
  return Array.from({ length: band.height }, (_, row) =>
    blocks
      .map((block) => painted(fitted(block[row] ?? { text: "" }, width)))
      .join(palette.dim(GAP))
      .trimEnd(),
  );
}

/** Lines about the lane, then the end of what it says; one line stays free below. */
function laneCells(lane: Lane, band: Band, width: number): Cell[] {
  const header = headerCells(lane, band);
  const count = Math.max(0, band.height - header.length - 1);
  return [...header, ...band.options.wrap(plainText(laneText(lane)), { width, count }).map((line) => ({ text: line }))];
}

/** Name, model, figures; the model beside the name where lanes stand one under the other. */
function headerCells(lane: Lane, { state, options, columnsUsed }: Band): Cell[] {
  const { palette, nowMs } = options;
  const index = state.lanes.findIndex(({ agent }) => agent === lane.agent);
  const elapsedMs = lane.spentMs + (lane.attemptStartedMs === null ? 0 : nowMs - lane.attemptStartedMs);
  const name: Cell = {
    text: `${lane.agent}: ${stateText(lane)}`,
    paint: (text) => palette.bold(isOut(lane) ? palette.bad(text) : palette.lane(index, text)),
  };
  const figures: Cell = {
    text: `${tokensText(lane)} · ${formatUsdShort(usdFromNano(lane.costNanoUsd))} · ${formatDuration(elapsedMs)}`,
    paint: palette.dim,
  };
  if (columnsUsed > 1) return [name, { text: modelText(lane), paint: palette.dim }, figures];
  return [{ ...name, text: `${name.text} · ${modelText(lane)}` }, figures];
}

/** Ballots and other structured answers are JSON until they are read; half of one tells nobody anything. */
function laneText(lane: Lane): string {
  if (isOut(lane)) return lane.reason;
  return lane.text.startsWith("{") ? "Writes a structured answer …" : lane.text;
}

function isOut(lane: Lane): boolean {
  return lane.state === "failed" || lane.state === "refused";
}

function stateText(lane: Lane): string {
  return lane.state === "retrying" && lane.reason !== "" ? `tries again (${plainLine(lane.reason)})` : lane.state;
}

function modelText(lane: Lane): string {
  return lane.vendor === "" ? "" : `${lane.vendor}/${lane.model}`;
}

function tokensText(lane: Lane): string {
  const known = lane.inputTokens + lane.outputTokens;
  if (lane.state !== "writing") return `${formatCountShort(known)} tok`;
  return `~${formatCountShort(known + Math.ceil(lane.text.length / CHARS_PER_TOKEN))} tok`;
}

function fitted(cell: Cell, width: number): Cell {
  return { ...cell, text: padText(cutText(cell.text, width), width) };
}

function painted(cell: Cell): string {
  return cell.paint === undefined ? cell.text : cell.paint(cell.text);
}

/** Cells one after the other, the last ones cut at the right edge. */
function join(cells: readonly Cell[], columns: number): string {
  let left = columns;
  return cells
    .map((cell) => {
      const text = cutText(cell.text, left);
      left -= widthOf(text);
      return painted({ ...cell, text });
    })
    .join("");
}
