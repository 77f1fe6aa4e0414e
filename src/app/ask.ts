// The main job: a question, several agents, a decision.
import { assertContinuable, earlierOf } from "../conversations/lifecycle/earlier.ts";
import { plannedSetup } from "../conversations/lifecycle/setup.ts";
import type { Orchestration } from "../conversations/orchestration.ts";
import { findOrchestration } from "../conversations/orchestrations/list.ts";
import type { EarlierConversation } from "../conversations/projection/canonical.ts";
import { readConversation } from "../conversations/reading/read-conversations.ts";
import type { AgentCard } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import type { ConversationId } from "../domain/ids.ts";
import { nanoFromUsd } from "../domain/money.ts";
import type { Journal } from "../journal/journal.ts";
import { cardOf } from "./agent-cards.ts";
import type { AgentFactory } from "./agent-factory.ts";
import { assertAskRequest } from "./ask-request.ts";
import { checkAttachments } from "./attachments.ts";
import type { Config, LoadedConfig } from "./config/config.ts";
import type { Context } from "./context.ts";
import { findConversationId } from "./conversation-origin.ts";
import { estimateCost } from "./estimate.ts";
import { HANDSHAKE } from "./handshake-only.ts";
import { resolveMember } from "./members.ts";
import { uniqueCards } from "./own-agents.ts";
import type { AskDocument, AskRequest, EstimateDocument } from "./polylogue.ts";
import type { Side } from "./side.ts";
import type { SideName } from "./sides.ts";

/** A request with everything filled in, and nothing spent. */
interface Plan {
  readonly request: AskRequest;
  readonly loaded: LoadedConfig;
  readonly orchestration: Orchestration;
  readonly cards: readonly AgentCard[];
  readonly name: SideName;
  readonly factory: AgentFactory;
}

/** Throws what is wrong with the request before anybody is called. */
export async function ask(context: Context, given: AskRequest): Promise<AskDocument> {
  assertAskRequest(given);
  const journal = await context.journal();
  const plan = await planOf(context, await withWholeId(journal, given));
  await assertKeys(plan);
  const id = await context.sides.use(plan.name, plan.cards, (side) => converse(side, plan));
  const { result } = await readConversation(journal, id);
  return result as AskDocument;
}

async function withWholeId(journal: Journal, request: AskRequest): Promise<AskRequest> {
  const { continueFrom } = request;
  return continueFrom === undefined
    ? request
    : { ...request, continueFrom: await findConversationId(journal, continueFrom) };
}

export async function estimate(context: Context, request: AskRequest): Promise<EstimateDocument> {
  assertAskRequest(request);
  const { orchestration, cards, factory, name } = await planOf(context, request);
  const { question, attachments = [], settings = {} } = request;
  const setup = plannedSetup({ question, attachments, roster: cards, seed: name.seed, settings });
  const turnsMax = orchestration.turnsMax(setup);
  const { simulated } = name;
  const earlier = await earlierFor(context, request, simulated);
  await factory.ready();
  return estimateCost({ request, orchestration: orchestration.name, turnsMax, cards, earlier, simulated }, factory);
}

async function earlierFor(
  context: Context,
  { continueFrom }: AskRequest,
  simulated: boolean,
): Promise<EarlierConversation | undefined> {
  if (continueFrom === undefined) return undefined;
  const journal = await context.journal();
  const id = await findConversationId(journal, continueFrom);
  await assertContinuable(journal, id, simulated);
  return earlierOf(journal, id);
}

async function planOf(context: Context, request: AskRequest): Promise<Plan> {
  const loaded = await context.config();
  const { config } = loaded;
  // A bare handshake asks nobody anything.
  const askable = (await context.orchestrations()).filter(({ name: known }) => known !== HANDSHAKE);
  const orchestration = findOrchestration(request.as ?? config.ask.as, askable);
  checkAttachments(request.attachments ?? []);
  const name = { simulated: context.simulated, seed: request.seed ?? context.seed };
  const factory = await context.factory(name);
  const cards = cardsOf(request.with ?? config.ask.with, config, factory);
  assertCount(orchestration, cards);
  return { request, loaded, orchestration, cards, name, factory };
}

/** Throws `AGENT_UNKNOWN`; and `VENDOR_UNKNOWN` for a vendor that has no simulator. */
export function cardsOf(names: readonly string[], config: Config, factory: AgentFactory): AgentCard[] {
  return uniqueCards(
    names.map((name) => factory.own.get(name) ?? cardOf(resolveMember(name, config), factory.vendors)),
  );
}

function assertCount({ name, membersMin, membersMax }: Orchestration, cards: readonly AgentCard[]): void {
  if (cards.length >= membersMin && cards.length <= membersMax) return;
  const wanted = membersMin === membersMax ? `exactly ${membersMin}` : `${membersMin} to ${membersMax}`;
  throw new PolylogueError("MEMBERS_COUNT", {
    message: `The orchestration ${name} takes ${wanted} ${membersMax === 1 ? "agent" : "agents"}; ${cards.length} ${cards.length === 1 ? "was" : "were"} named.`,
    mend:
      membersMax === 1 ? "Name one agent, or use gather, debate, council or vote." : "Name more agents with --with.",
  });
}

/**
 * Members without a key are refused in the handshake and reported as failed, and
 * the others go on without them. Only where too few are left is it an error.
 */
export async function assertKeys(plan: Pick<Plan, "cards" | "factory" | "orchestration">): Promise<void> {
  const { cards, factory, orchestration } = plan;
  const states = await Promise.all(cards.map((card) => factory.findKeys(card)));
  const missing = cards.flatMap((card, index) => {
    const own = states[index];
    return own?.state === "missing" ? [{ card, own }] : [];
  });
  if (missing.length === 0 || cards.length - missing.length >= orchestration.membersMin) return;
  const who = missing.map(({ card }) => card.id).join(", ");
  const unique = (texts: readonly string[]): string => [...new Set(texts)].join(" ");
  throw new PolylogueError("KEY_MISSING", {
    message: `${missing.length === 1 ? "Agent" : "Agents"} ${who} cannot be asked. ${unique(missing.map(({ own }) => own.reason))}`,
    mend: unique(missing.map(({ own }) => own.mend)),
  });
}

async function converse(side: Side, plan: Plan): Promise<ConversationId> {
  const { request, loaded, name } = plan;
  const id = await side.conversations.create({
    question: request.question,
    attachments: request.attachments ?? [],
    orchestration: plan.orchestration.name,
    settings: request.settings ?? {},
    roster: plan.cards,
    seed: name.seed,
    budgetNanoUsd: nanoFromUsd(request.budgetUsd ?? loaded.config.budgets.conversationUsd),
    deadlineMs: request.deadlineMs ?? loaded.config.timeouts.conversationMs,
    configHash: loaded.hash,
    simulated: name.simulated,
    ...(request.continueFrom === undefined ? {} : { continues: request.continueFrom }),
  });
  const stopWatching = watch(side, id, request);
  try {
    request.onStarted?.(id);
    const { signal, release } = request;
    const result = await side.conversations.run(id, {
      ...(signal === undefined ? {} : { signal }),
      ...(release === undefined ? {} : { release }),
    });
    if (result.kind === "ended") return id;
  } finally {
    stopWatching();
  }
  throw new PolylogueError("CANCELLED", {
    message: `Conversation ${id} has not ended: it was left while it ran, and all it has is kept.`,
    mend: `Go on with: polylogue conversation resume ${id}`,
  });
}

/** Progress of one conversation only. */
export function watch(side: Side, id: ConversationId, { onProgress }: Pick<AskRequest, "onProgress">): () => void {
  if (onProgress === undefined) return () => undefined;
  return side.mesh.onProgress((progress) => {
    if (progress.conversationId === id) onProgress(progress);
  });
}
