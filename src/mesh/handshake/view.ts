// What follows from the members of a view: its digest, its protocol version, its
// features, who may speak in it, which links it opens.
import { type AgentId, COORDINATOR, USER } from "../../domain/ids.ts";
import type { Member } from "../../domain/journal-event.ts";
import { canonicalJson } from "../../domain/json.ts";
import { sha256 } from "../../platform/hash.ts";
import type { PortAddress, PortProfile, View } from "./protocol.ts";

/** SHA-256 over the canonical JSON of the members, then the epoch in decimal. */
export function viewDigest(members: readonly Member[], epoch: number): string {
  return sha256(`${canonicalJson(members)}${epoch}`);
}

/** The newest version that all speak: the least of their newest, unless one starts above it. */
export function commonVersion(ranges: readonly { readonly min: number; readonly max: number }[]): number | undefined {
  const version = Math.min(...ranges.map((range) => range.max));
  return version >= Math.max(...ranges.map((range) => range.min)) ? version : undefined;
}

/** What every one of the profiles offers, sorted. */
export function commonFeatures(profiles: readonly Pick<PortProfile, "features">[]): string[] {
  const [first, ...others] = profiles;
  return [...new Set(first?.features ?? [])]
    .filter((feature) => others.every((other) => other.features.includes(feature)))
    .sort();
}

export function memberOf(view: Pick<View, "members"> | undefined, agent: AgentId): Member | undefined {
  return view?.members.find((member) => member.agent === agent);
}

/** Senders that are not ports: the orchestration and the person who asked. */
export function isOutsideSender(agent: AgentId): boolean {
  return agent === COORDINATOR || agent === USER;
}

export type Admission = "admitted" | "NOT_MEMBER" | "STALE_INC" | "STALE_EPOCH";

/**
 * May this port speak in the installed view? A port older than the view's is a
 * ghost of before a crash; one that is newer has not confirmed the view.
 */
export function admission(view: Pick<View, "members">, from: PortAddress): Admission {
  const member = memberOf(view, from.agent);
  if (member === undefined) return "NOT_MEMBER";
  if (from.incarnation < member.incarnation) return "STALE_INC";
  return from.incarnation > member.incarnation ? "STALE_EPOCH" : "admitted";
}

/** What one port holds of one conversation. */
export interface HeldView {
  readonly agent: AgentId;
  readonly incarnation: number;
  readonly installed: View | undefined;
  /** False once it was evicted or has left. */
  readonly active: boolean;
}

/** Directed links among ports: open where both ends have installed the same epoch of the same digest. */
export function linksOf(ports: readonly HeldView[]): { from: AgentId; to: AgentId; open: boolean }[] {
  return ports.flatMap((a) =>
    ports.filter((b) => b.agent !== a.agent).map((b) => ({ from: a.agent, to: b.agent, open: isLinkOpen(a, b) })),
  );
}

function isLinkOpen(a: HeldView, b: HeldView): boolean {
  return (
    a.active &&
    b.active &&
    a.installed !== undefined &&
    a.installed.digest === b.installed?.digest &&
    memberOf(a.installed, a.agent)?.incarnation === a.incarnation &&
    memberOf(a.installed, b.agent)?.incarnation === b.incarnation
  );
}
