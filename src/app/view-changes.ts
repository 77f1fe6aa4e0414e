// A view that moves at run time: agents that join or leave a conversation whose
// members have shaken hands. Each change is an epoch of its own.
import type { AgentCard } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import type { AgentId, ConversationId } from "../domain/ids.ts";
import { linksOf } from "../mesh/handshake/view.ts";
import type { HandshakeReport } from "../mesh/mesh.ts";
import type { Lease } from "../storage/store.ts";
import type { HandshakeDocument, ViewChange } from "./polylogue.ts";
import type { Side } from "./side.ts";

/** A change with the card of the agent that is meant. */
export interface PlannedChange {
  readonly type: "join" | "leave";
  readonly card: AgentCard;
}

type Epoch = HandshakeDocument["epochs"][number];

/** Throws `USAGE` for who joins twice or leaves without being there, `MEMBERS_COUNT` where nobody would be left. */
export function planChanges(
  first: readonly AgentCard[],
  changes: readonly ViewChange[],
  cardOf: (name: AgentId) => AgentCard,
): PlannedChange[] {
  const present = new Set(first.map(({ id }) => id));
  return changes.map((change) => {
    const type = "join" in change ? "join" : "leave";
    const card = cardOf("join" in change ? change.join : change.leave);
    if (present.has(card.id) === (type === "join")) {
      throw new PolylogueError("USAGE", {
        message: `${card.id} cannot ${type}: it is ${type === "join" ? "a member already" : "no member then"}.`,
        mend: `The members are ${[...present].join(", ")}.`,
      });
    }
    if (type === "join") present.add(card.id);
    else present.delete(card.id);
    if (present.size === 0) {
      throw new PolylogueError("MEMBERS_COUNT", {
        message: `${card.id} cannot leave: it is the last member.`,
        mend: "Let somebody join first.",
      });
    }
    return { type, card };
  });
}

export interface Changing {
  readonly side: Side;
  readonly id: ConversationId;
  readonly lease: Lease;
  readonly report: HandshakeReport;
  readonly changes: readonly PlannedChange[];
  /** How long an agent that leaves may go on with what it says, in milliseconds. */
  readonly drainMs: number;
}

/** One after the other. Gives the last view, everybody who was refused, and each view with those that hold it. */
export async function changeView(
  changing: Changing,
): Promise<{ readonly report: HandshakeReport; readonly epochs: readonly Epoch[] }> {
  const { side, id, lease, changes, drainMs } = changing;
  let { report } = changing;
  const epochs = [epochOf(side, id, report)];
  for (const { type, card } of changes) {
    const { refused } = report;
    if (type === "join") {
      await side.join([card]);
      const members = [...report.members.map(({ agent }) => agent), card.id];
      const next = await side.mesh.handshake({ conversationId: id, members, lease });
      report = { ...next, refused: [...refused, ...next.refused] };
    } else {
      await side.leave(card.id, drainMs);
      report = { ...heldReport(side, id), refused };
    }
    epochs.push(epochOf(side, id, report));
  }
  return { report, epochs };
}

/** What the ports here hold; at least one is left. */
function heldReport(side: Side, id: ConversationId): Omit<HandshakeReport, "refused"> {
  const held = side.mesh.portViews(id);
  const views = held.flatMap(({ installed }) => (installed === undefined ? [] : [installed]));
  const [newest] = views.toSorted((a, b) => b.epoch - a.epoch);
  return {
    epoch: newest?.epoch ?? 0,
    digest: newest?.digest ?? "",
    members: newest?.members ?? [],
    links: linksOf(held),
  };
}

function epochOf(side: Side, id: ConversationId, { epoch, digest, members }: HandshakeReport): Epoch {
  const holds = side.mesh.portViews(id).filter(({ installed, active }) => active && installed?.digest === digest);
  return {
    epoch,
    digest,
    members: members.map(({ agent }) => agent),
    heldBy: members.map(({ agent }) => agent).filter((agent) => holds.some((port) => port.agent === agent)),
  };
}
