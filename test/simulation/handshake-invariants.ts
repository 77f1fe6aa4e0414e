// The handshake's invariants, as functions of what ports hold and what was ever
// installed. Each returns the name of the one that is broken.
import type { PortState } from "../../src/mesh/handshake/port-machine.ts";
import type { View } from "../../src/mesh/handshake/protocol.ts";
import { admission, type HeldView, linksOf, memberOf } from "../../src/mesh/handshake/view.ts";

/** What was ever installed by ports. */
export interface History {
  readonly newest: Readonly<Record<string, number>>;
  readonly digests: Readonly<Record<number, string>>;
}

export interface Installed {
  readonly history: History;
  readonly violated?: string;
}

/** A port has installed a view: newer than any it had (I1), the same as all others' (I2), with itself in it (I3). */
export function installedBy(history: History, port: PortState, view: View): Installed {
  const { newest, digests } = history;
  const { agent, incarnation } = port;
  const after: History = {
    newest: sortedRecord({ ...newest, [agent]: view.epoch }),
    digests: sortedRecord({ ...digests, [view.epoch]: view.digest }),
  };
  if ((digests[view.epoch] ?? view.digest) !== view.digest) return { history: after, violated: "I2" };
  if (view.epoch <= (newest[agent] ?? 0)) return { history: after, violated: "I1" };
  if (memberOf(view, agent)?.incarnation !== incarnation) return { history: after, violated: "I3" };
  return { history: after };
}

/** Once it is in the log, exactly its members' very ports may speak (I5). */
export function admitsItsMembersOnly(view: View, agents: readonly string[]): boolean {
  return agents.every((agent) =>
    [1, 2, 3, 4].every(
      (incarnation) =>
        (admission(view, { agent, incarnation }) === "admitted") ===
        (memberOf(view, agent)?.incarnation === incarnation),
    ),
  );
}

/** Links are open exactly where both ends have installed the same epoch, and all are when all have (I7). */
export function linkViolation(ports: readonly PortState[]): string | undefined {
  const held = ports.map(({ agent, incarnation, installed, phase }): HeldView => {
    return { agent, incarnation, installed, active: !["evicted", "left"].includes(phase) };
  });
  const links = linksOf(held);
  const epochOf = (agent: string): number => {
    const port = held.find((other) => other.agent === agent);
    return port?.active === true ? (port.installed?.epoch ?? 0) : 0;
  };
  const isRight = links.every(
    (link) => link.open === (epochOf(link.from) > 0 && epochOf(link.from) === epochOf(link.to)),
  );
  const epoch = epochOf(held[0]?.agent ?? "");
  const isWhole = epoch > 0 && held.every((port) => epochOf(port.agent) === epoch);
  const open = links.filter((link) => link.open).length;
  return isRight && (!isWhole || open === held.length * (held.length - 1)) ? undefined : "I7";
}

function sortedRecord<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
