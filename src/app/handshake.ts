// A bare handshake: who is there, and which links are open. It leaves the record
// of a conversation that has ended.
import { holdLease } from "../conversations/lifecycle/lease-keeper.ts";
import { LIFECYCLE_LIMITS_DEFAULT } from "../conversations/lifecycle/limits.ts";
import { participantOf } from "../conversations/lifecycle/setup.ts";
import { endedId } from "../conversations/lifecycle/steps.ts";
import { type AgentCard, ownRoute, type Route } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import { COORDINATOR, type ConversationId } from "../domain/ids.ts";
import { US_PER_MS } from "../domain/time.ts";
import type { HandshakeReport } from "../mesh/mesh.ts";
import type { Lease } from "../storage/store.ts";
import { cardsOf } from "./ask.ts";
import type { Config } from "./config/config.ts";
import { ROSTER_IDS } from "./config/defaults.ts";
import type { Context } from "./context.ts";
import { HANDSHAKE, HANDSHAKE_MEMBERS_MAX, handshakeOutcome } from "./handshake-only.ts";
import { uniqueCards } from "./own-agents.ts";
import type { HandshakeDocument, Polylogue } from "./polylogue.ts";
import type { Side } from "./side.ts";
import { changeView, type PlannedChange, planChanges } from "./view-changes.ts";

type HandshakeOptions = Parameters<Polylogue["handshake"]>[0];

export async function handshake(context: Context, options: HandshakeOptions): Promise<HandshakeDocument> {
  const { config, hash } = await context.config();
  const name = { simulated: context.simulated, seed: context.seed };
  const factory = await context.factory(name);
  const cards = cardsOf(membersOf(options, config), config, factory);
  // A key that cannot be used is said at once; one that is missing, by its agent's refusal.
  const changes = planChanges(
    cards,
    options.changes ?? [],
    (named) => cardsOf([named], config, factory)[0] as AgentCard,
  );
  const everybody = uniqueCards([...cards, ...changes.map(({ card }) => card)]);
  await Promise.all(everybody.map((card) => factory.findKeys(card)));
  const { sides } = context;
  const use = changes.length === 0 ? sides.use : sides.useApart;
  return use(name, cards, async (side) => {
    const id = await side.conversations.create({
      question: `Handshake of ${cards.map((card) => card.id).join(", ")}`,
      attachments: [],
      orchestration: HANDSHAKE,
      settings: {},
      roster: cards,
      seed: name.seed,
      budgetNanoUsd: 0,
      configHash: hash,
      simulated: name.simulated,
    });
    const verifyLinks = options.verifyLinks ?? false;
    const { drainMs } = config.timeouts;
    return documentOf(
      everybody,
      await shakeHands(context, { id, side, cards, everybody, changes, verifyLinks, drainMs }),
    );
  });
}

/** Named ones; or so many, the configured ones first and then those that come with the program. */
function membersOf({ with: named, agents }: HandshakeOptions, config: Config): readonly string[] {
  if (agents === undefined) return named ?? config.ask.with;
  const known = [...new Set([...(named ?? config.ask.with), ...ROSTER_IDS, ...Object.keys(config.agents)])];
  if (Number.isInteger(agents) && agents >= 1 && agents <= Math.min(known.length, HANDSHAKE_MEMBERS_MAX)) {
    return known.slice(0, agents);
  }
  throw new PolylogueError("MEMBERS_COUNT", {
    message: `${agents} agents cannot shake hands: there are ${known.length}, and ${HANDSHAKE_MEMBERS_MAX} may at most.`,
    mend: "Ask for fewer, or describe more agents in polylogue.yaml.",
  });
}

interface Handshaking {
  readonly id: ConversationId;
  readonly side: Side;
  /** Of the first view. */
  readonly cards: readonly AgentCard[];
  /** Those who join later too. */
  readonly everybody: readonly AgentCard[];
  readonly changes: readonly PlannedChange[];
  readonly verifyLinks: boolean;
  readonly drainMs: number;
}

interface Shaken {
  readonly report: HandshakeReport;
  readonly epochs: HandshakeDocument["epochs"];
}

async function shakeHands(context: Context, handshaking: Handshaking): Promise<Shaken> {
  const { id, side, cards, changes, drainMs, verifyLinks } = handshaking;
  const { clock, ids } = context;
  const store = await context.store();
  const ttlMs = LIFECYCLE_LIMITS_DEFAULT.leaseTtlMs;
  const held = await holdLease({ store, clock, conversationId: id, owner: ids.next(), ttlMs });
  try {
    const members = cards.map((card) => card.id);
    const { lease } = held;
    const first = await side.mesh.handshake({ conversationId: id, members, lease });
    const { report, epochs } = await changeView({ side, id, lease, report: first, changes, drainMs });
    const proved = verifyLinks ? { ...report, ...(await provedLinks(side, id)) } : report;
    await end(context, { ...handshaking, lease, report });
    return { report: proved, epochs };
  } finally {
    await held.release();
  }
}

/** What was refused stays refused: the proofs speak of links only. */
async function provedLinks(side: Side, id: ConversationId): Promise<Pick<HandshakeReport, "links">> {
  const { links } = await side.mesh.verifyLinks(id);
  return { links };
}

async function end(
  context: Context,
  { id, everybody, lease, report }: Handshaking & { readonly lease: Lease; readonly report: HandshakeReport },
): Promise<void> {
  const present = new Set(report.members.map(({ agent }) => agent));
  const participants = everybody.filter((card) => present.has(card.id)).map(participantOf);
  const outcome = handshakeOutcome({ participants, refused: report.refused });
  const journal = await context.journal();
  await journal.append({
    stream: id,
    lease,
    decide: () => ({
      events: [{ kind: "conversation.ended", id: endedId(id), actor: COORDINATOR, data: { outcome } }],
      result: undefined,
    }),
  });
}

function documentOf(cards: readonly AgentCard[], { report, epochs }: Shaken): HandshakeDocument {
  const routes = new Map(cards.map((card) => [card.id, ownRoute(card)]));
  return {
    schema: "polylogue.handshake/1",
    epoch: report.epoch,
    digest: report.digest,
    members: report.members.map(({ agent, incarnation }) => {
      const { vendor, model } = routes.get(agent) as Route;
      return { agent, vendor, model, incarnation };
    }),
    links: report.links.map(({ from, to, open, rttUs }) => ({
      from,
      to,
      open,
      rttMs: rttUs === undefined ? null : rttUs / US_PER_MS,
    })),
    refused: report.refused.map(({ agent, code, reason }) => ({ agent, code, reason })),
    epochs,
  };
}
