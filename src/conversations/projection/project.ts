// The projection: from the one canonical record to the request of one
// recipient. The recipient's own turns are `assistant`; all that others said is
// quoted in `user` turns; the history ends on a `user` turn.
import type { AgentRequest, HistoryTurn } from "../../agents/agent.ts";
import type { AgentCard, Route } from "../../domain/agent-card.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { AgentId, TurnId } from "../../domain/ids.ts";
import type { JsonValue } from "../../domain/json.ts";
import { type Part, type TextPart, textOf } from "../../domain/part.ts";
import type { ProjectedTurn } from "../../mesh/mesh.ts";
import { createSeededRandom } from "../../platform/random.ts";
import { ALL } from "../kernel/visibility.ts";
import type { AskDetail } from "../lifecycle/steps.ts";
import type { AnonymousReview, Visibility } from "../orchestration.ts";
import { ballotFormat, ballotWords } from "./ballot.ts";
import type { CanonicalMessage, CanonicalRecord } from "./canonical.ts";
import { contextSpan } from "./context-span.ts";
import { framed, neutralised } from "./frame.ts";
import { visibleMessages } from "./seen.ts";
import { systemText } from "./system-text.ts";
import { validateProjection } from "./validate.ts";

export interface ProjectionTarget {
  readonly turnId: TurnId;
  readonly card: AgentCard;
  readonly route: Route;
  readonly step: number;
  readonly repair?: { readonly previous: readonly Part[]; readonly instruction: string };
  /** Opaque blocks of the recipient's own turns that this route may read back. */
  readonly opaque: ReadonlyMap<TurnId, JsonValue>;
}

/** Throws `CONTEXT_TOO_LARGE` before anything is spent, and `PROJECTION_INVALID` for a fault of its own. */
export function projectTurn(record: CanonicalRecord, target: ProjectionTarget): ProjectedTurn {
  const opening = openingOf(record, target);
  const history = historyOf(record, target, opening);
  const { card, route, step } = target;
  const { ask } = opening;
  const seed = createSeededRandom(record.seed)
    .fork(`request/${card.id}/${ask?.round ?? "-"}/${step}`)
    .integer(2 ** 31);
  const request: AgentRequest = {
    system: systemText(card, record.members),
    history: withRepair(history.turns, target),
    // Turns alternate, so all that is new since the recipient's last turn is one turn.
    newTurns: 1,
    sessionKey: history.isApart
      ? `${record.conversationId}/${card.id}/${target.turnId}`
      : `${record.conversationId}/${card.id}`,
    route,
    outputTokensMax: card.outputTokensMax,
    seed,
    ...(ask?.ballot === undefined ? {} : { answerFormat: ballotFormat(ask.ballot) }),
  };
  validateProjection(request);
  assertFits(request, card);
  return {
    request,
    context: contextSpan([record.createdSeq, ...record.messages.map(({ seq }) => seq)], history.shown),
  };
}

/** A request and what it asks. `ask` is absent where another member or the user asked, not the orchestration. */
interface Opening {
  readonly request: CanonicalMessage;
  readonly ask: AskDetail | undefined;
  readonly visibility: Visibility;
}

function openingOf(record: CanonicalRecord, { turnId, card }: ProjectionTarget): Opening {
  const request = record.messages.find((message) => isRequest(message, card.id) && message.turnId === turnId);
  if (request !== undefined) return opened(record, request, turnId);
  throw new PolylogueError("PROJECTION_INVALID", {
    message: `The turn ${turnId} of ${card.id} has no request in conversation ${record.conversationId}.`,
    mend: "This is a fault of Polylogue; report it with `polylogue conversation export --format json`.",
  });
}

function isRequest(message: CanonicalMessage, agent: AgentId): boolean {
  return message.intent === "request" && message.recipients.includes(agent);
}

function opened(record: CanonicalRecord, request: CanonicalMessage, turnId: TurnId): Opening {
  const ask = record.asksByTurn.get(turnId);
  return { request, ask, visibility: ask?.visibility ?? ALL };
}

interface ProjectedHistory {
  readonly turns: readonly HistoryTurn[];
  readonly shown: ReadonlySet<number>;
  /** Without the recipient's earlier turns: a session of its own. */
  readonly isApart: boolean;
}

function historyOf(record: CanonicalRecord, target: ProjectionTarget, opening: Opening): ProjectedHistory {
  const { id } = target.card;
  const isAlone = opening.visibility.kind === "blind" || opening.visibility.kind === "anonymous";
  const past = pastTurns(record, id, opening.request.seq);
  const shown = new Set<number>([record.createdSeq]);
  const turns: HistoryTurn[] = [];
  let blocks = preamble(record);
  for (const { opening: earlier, turnId, seq, text } of isAlone ? [] : past) {
    blocks.push(...openingBlocks(record, id, { opening: earlier, shown }));
    const opaque = target.opaque.get(turnId);
    const answer: HistoryTurn = { role: "assistant", parts: [textPart(text)] };
    turns.push({ role: "user", parts: blocks.map(textPart) });
    turns.push(opaque === undefined ? answer : { ...answer, opaque });
    shown.add(seq);
    blocks = [];
  }
  blocks.push(...openingBlocks(record, id, { opening, shown }));
  turns.push({ role: "user", parts: blocks.map(textPart) });
  return { turns, shown, isApart: isAlone && past.length > 0 };
}

/**
 * The recipient's own ended turns, each with its answer. Turns over anonymous
 * answers are left out: beside answers with names they would undo the anonymity.
 */
function pastTurns(record: CanonicalRecord, agent: AgentId, beforeSeq: number): readonly PastTurn[] {
  return record.messages.flatMap(({ from, intent, seq, text, turnId }) => {
    const isOwn = from === agent && intent === "reply" && seq < beforeSeq && text.trim() !== "";
    if (!isOwn || turnId === undefined) return [];
    return record.messages
      .filter((message) => isRequest(message, agent) && message.turnId === turnId)
      .map((request) => ({ opening: opened(record, request, turnId), turnId, seq, text }))
      .filter(({ opening }) => opening.visibility.kind !== "anonymous");
  });
}

interface PastTurn {
  readonly opening: Opening;
  readonly turnId: TurnId;
  /** Of the answer. */
  readonly seq: number;
  readonly text: string;
}

function preamble({ earlier, question, attachments }: CanonicalRecord): string[] {
  const before = earlier === undefined ? [] : [earlierText(earlier)];
  const sources = attachments.map(({ name, text }) => framed("attachment", { name, trust: "external" }, text));
  return [...before, ...sources, framed("question", { from: "user", trust: "user" }, question)];
}

function earlierText(earlier: NonNullable<CanonicalRecord["earlier"]>): string {
  const answer = earlier.answer ?? "(no answer)";
  const text = `Question: ${earlier.question}\n\nWhat came of it (${earlier.status}):\n${answer}`;
  // Its answer is an agent's, and all of it is trusted no more than that.
  return framed("earlier-conversation", { from: "coordinator", trust: "agent" }, text);
}

/** What a request newly shows, its instruction last. Marks it as shown. */
function openingBlocks(
  record: CanonicalRecord,
  viewer: AgentId,
  { opening, shown }: { readonly opening: Opening; readonly shown: Set<number> },
): readonly string[] {
  const { request, ask, visibility } = opening;
  const visible = visibleMessages(record, { viewer, visibility, beforeSeq: request.seq });
  const fresh = inShownOrder(record, visibility, visible).filter(({ seq }) => !shown.has(seq));
  for (const { seq } of fresh) shown.add(seq);
  shown.add(request.seq);
  const messages = fresh.map((message) => messageBlock(record, message));
  const anonymous = visibility.kind === "anonymous" ? anonymousBlocks(record, visibility, shown) : [];
  if (ask === undefined) return [...messages, messageBlock(record, request), "Answer the last message above."];
  const form = ask.ballot === undefined ? [] : [ballotWords(ask.ballot)];
  return [...messages, ...anonymous, neutralised([request.text, ...form].join("\n\n"))];
}

/**
 * Answers of parallel rounds are shown by round and seat, not in the order in
 * which they happened to arrive: who is quick must not be read first, and a
 * repeated run must show the same. Anything else follows in its own order.
 */
function inShownOrder(
  { members, asksByTurn }: CanonicalRecord,
  visibility: Visibility,
  messages: readonly CanonicalMessage[],
): readonly CanonicalMessage[] {
  if (visibility.kind !== "rounds") return messages;
  const roundOf = ({ turnId }: CanonicalMessage) => (turnId === undefined ? undefined : asksByTurn.get(turnId)?.round);
  const places = messages.map((message) => ({
    message,
    round: roundOf(message) ?? Number.POSITIVE_INFINITY,
    seat: members.indexOf(message.from),
  }));
  places.sort(
    (a, b) => (a.round === b.round ? 0 : a.round - b.round) || a.seat - b.seat || a.message.seq - b.message.seq,
  );
  return places.map(({ message }) => message);
}

function messageBlock(record: CanonicalRecord, message: CanonicalMessage): string {
  const ask = message.turnId === undefined ? undefined : record.asksByTurn.get(message.turnId);
  const round = ask === undefined ? {} : { round: String(ask.round) };
  return framed("message", { from: message.from, ...round, trust: message.trust }, message.text);
}

/** The answers without names, then what was said of each. */
function anonymousBlocks(
  record: CanonicalRecord,
  { answers, reviews = [] }: Extract<Visibility, { readonly kind: "anonymous" }>,
  shown: Set<number>,
): readonly string[] {
  const repliesOf = (turn: TurnId): readonly CanonicalMessage[] => {
    const replies = record.messages.filter(({ intent, turnId }) => intent === "reply" && turnId === turn);
    for (const { seq } of replies) shown.add(seq);
    return replies;
  };
  const responses = answers.flatMap(({ label, turnId }) =>
    repliesOf(turnId).map(({ text, trust }) => framed("response", { label, trust }, text)),
  );
  const critiques = reviews.flatMap((review) =>
    repliesOf(review.turnId).flatMap((reply) => critiqueBlocks(reply, review)),
  );
  return [...responses, ...critiques];
}

function critiqueBlocks({ critiques = {}, trust }: CanonicalMessage, { label: by, labels }: AnonymousReview): string[] {
  return Object.entries(critiques).flatMap(([label, text]) => {
    const of = labels[label];
    return of === undefined || text.trim() === "" ? [] : [framed("critique", { of, by, trust }, text)];
  });
}

function withRepair(turns: readonly HistoryTurn[], { repair }: ProjectionTarget): readonly HistoryTurn[] {
  if (repair === undefined) return turns;
  const said = textOf(repair.previous);
  // It names what could not be read, in the words of whoever made the recipient say it.
  const instruction = textPart(neutralised(repair.instruction));
  if (said.trim() !== "") {
    return [...turns, { role: "assistant", parts: [textPart(said)] }, { role: "user", parts: [instruction] }];
  }
  const last = turns.slice(-1).map((turn) => ({ ...turn, parts: [...turn.parts, instruction] }));
  return [...turns.slice(0, -1), ...last];
}

/** A low estimate of characters in a token, so that the estimate of tokens is high. */
const CHARS_PER_TOKEN = 3;

export function tokensEstimated(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}

function assertFits({ system, history }: AgentRequest, card: AgentCard): void {
  if (card.contextTokensMax === undefined) return;
  const chars = history.reduce((sum, { parts }) => sum + textOf(parts).length, system.length);
  const needed = tokensEstimated(chars) + card.outputTokensMax;
  if (needed <= card.contextTokensMax) return;
  throw new PolylogueError("CONTEXT_TOO_LARGE", {
    message:
      `${card.id} would need about ${needed} tokens for this turn (${card.outputTokensMax} of them for the answer), ` +
      `but its model takes ${card.contextTokensMax}.`,
    mend: "Attach less text, ask for fewer rounds, lower outputTokensMax, or take a model with a larger window.",
  });
}

function textPart(text: string): TextPart {
  return { type: "text", text };
}
