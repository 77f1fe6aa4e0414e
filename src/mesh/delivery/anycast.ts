// Which candidate an anycast goes to next, and whether one may be asked now.
import type { AgentId, MessageId } from "../../domain/ids.ts";
import type { Journal } from "../../journal/journal.ts";
import type { View } from "../handshake/protocol.ts";
import { memberOf } from "../handshake/view.ts";
import type { LocalPorts } from "../registry/local-ports.ts";
import type { PortHandle, Selector } from "../turn-runner.ts";
import { DELIVERIES_COLLECTION, deliveryKey, type MessageDocument } from "./delivery-documents.ts";

export interface AnycastOptions {
  readonly journal: Journal;
  readonly ports: LocalPorts;
  readonly selector: Selector;
}

export interface AnycastTurn {
  readonly messageId: MessageId;
  readonly message: MessageDocument;
  readonly inForce: View | undefined;
}

/** Everybody here who could take it. */
export function candidatesOf(options: Pick<AnycastOptions, "ports">, turn: AnycastTurn): PortHandle[] {
  if (turn.message.skill === undefined) return [];
  return options.ports
    .withSkill(turn.message.skill)
    .filter((port) => port.agent.card.id !== turn.message.from)
    .filter((port) => turn.inForce === undefined || memberOf(turn.inForce, port.agent.card.id) !== undefined);
}

/**
 * The best other agent: one never asked for this message before one asked
 * before, and of each kind one that may be asked now first. Undefined when
 * there is no other.
 */
export async function nextCandidate(
  options: AnycastOptions,
  turn: AnycastTurn & { readonly current: AgentId },
): Promise<AgentId | undefined> {
  const others = candidatesOf(options, turn).filter((port) => port.agent.card.id !== turn.current);
  const fresh: PortHandle[] = [];
  const asked: PortHandle[] = [];
  for (const port of others) {
    const key = deliveryKey(turn.messageId, port.agent.card.id);
    const before = await options.journal.document(DELIVERIES_COLLECTION, key);
    (before === undefined ? fresh : asked).push(port);
  }
  const { order } = options.selector;
  const next = [...order(fresh), ...order(asked), ...fresh, ...asked][0];
  return next?.agent.card.id;
}

export type Gate =
  | { readonly kind: "go" }
  | { readonly kind: "move"; readonly to: AgentId }
  | { readonly kind: "wait"; readonly ms: number };

/** Before a turn begins: may this agent be asked now, or another one, or nobody yet? */
export function gateOf({ ports, selector }: AnycastOptions, turn: AnycastTurn & { readonly current: AgentId }): Gate {
  const candidates = candidatesOf({ ports }, turn);
  // Asking for the order counts as demand; most turns need not.
  const own = selector.nextChanceMs(candidates.filter((port) => port.agent.card.id === turn.current));
  if (own === 0) return { kind: "go" };
  const order = selector.order(candidates).map((port) => port.agent.card.id);
  if (order.includes(turn.current)) return { kind: "go" };
  const [first] = order;
  if (first !== undefined) return { kind: "move", to: first };
  const ms = selector.nextChanceMs(candidates);
  return ms === undefined ? { kind: "go" } : { kind: "wait", ms };
}
