// Proves links by messages: one probe over every directed link, through the same
// send and delivery as everything else.

import { type ErrorCode, isPolylogueError } from "../../domain/errors.ts";
import type { AgentId, ConversationId, MessageId } from "../../domain/ids.ts";
import type { DurationUs } from "../../domain/time.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Journal } from "../../journal/journal.ts";
import { type Clock, sleep } from "../../platform/clock.ts";
import type { HandshakeReport, SendReceipt, SendRequest } from "../mesh.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import { getDeliveries } from "./queries.ts";

export interface LinkProofOptions {
  readonly conversationId: ConversationId;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly limits: MeshLimits;
  send(request: SendRequest): Promise<SendReceipt>;
  /** Makes what was sent be delivered, where no service does. */
  deliver(): Promise<void>;
}

export interface Link {
  readonly from: AgentId;
  readonly to: AgentId;
}

export interface ProvedLink extends Link {
  /** From acceptance to the port's answer, by the journal's stamps; absent when none came in time. */
  readonly rttUs?: DurationUs;
}

/** How often the answers are looked for. */
const LOOK_MS = 20;

/** In the order of `links`. */
export async function proveLinks(options: LinkProofOptions, links: readonly Link[]): Promise<ProvedLink[]> {
  const proved: ProvedLink[] = [];
  const { linkProbesMax } = options.limits;
  for (let from = 0; from < links.length; from += linkProbesMax) {
    proved.push(...(await proveSome(options, links.slice(from, from + linkProbesMax))));
  }
  return proved;
}

/** A link that was not proved counts as closed. */
export function withProofs(report: HandshakeReport, proved: readonly ProvedLink[]): HandshakeReport {
  const links = report.links.map((link) => {
    const proof = proved.find((other) => other.from === link.from && other.to === link.to);
    return proof?.rttUs === undefined ? { ...link, open: false } : { ...link, rttUs: proof.rttUs };
  });
  return { ...report, links };
}

async function proveSome(options: LinkProofOptions, links: readonly Link[]): Promise<ProvedLink[]> {
  const deadlineUs = options.clock.nowUs() + options.limits.linkProbeMs * US_PER_MS;
  const probes = await Promise.all(links.map((link) => sendProbe(options, { link, deadlineUs })));
  const sent = probes.filter((probe) => probe !== undefined);
  const times = await answers(options, { probes: sent, deadlineUs });
  return links.map(({ from, to }, index) => {
    const rttUs = times.get(probes[index]?.messageId ?? "");
    return { from, to, ...(rttUs === undefined ? {} : { rttUs }) };
  });
}

type Probe = Link & { readonly messageId: MessageId };

/** Undefined where the mesh refuses the message: then the link is closed. */
async function sendProbe(
  options: LinkProofOptions,
  { link, deadlineUs }: { readonly link: Link; readonly deadlineUs: number },
): Promise<Probe | undefined> {
  const { conversationId } = options;
  try {
    const { messageId } = await options.send({
      conversationId,
      from: link.from,
      to: { mode: "unicast", agent: link.to },
      intent: "probe",
      parts: [],
      trust: "system",
      deadlineUs,
    });
    return { ...link, messageId };
  } catch (error) {
    if (!isPolylogueError(error) || !CLOSED.includes(error.code)) throw error;
    return undefined;
  }
}

/** Refusals that say something about the link, not about the store or the program. */
const CLOSED: readonly ErrorCode[] = ["NOT_MEMBER", "STALE_INC", "STALE_EPOCH"];

interface Probes {
  readonly probes: readonly Probe[];
  readonly deadlineUs: number;
}

async function answers(options: LinkProofOptions, { probes, deadlineUs }: Probes): Promise<Map<MessageId, DurationUs>> {
  const refs = probes.map(({ messageId, to }) => ({ messageId, recipient: to }));
  const times = new Map<MessageId, DurationUs>();
  while (true) {
    await options.deliver();
    for (const delivery of await getDeliveries(options.journal, refs)) {
      if (delivery.state !== "answered" || delivery.endedAtUs === undefined) continue;
      times.set(delivery.messageId, delivery.endedAtUs - delivery.acceptedAtUs);
    }
    if (times.size === probes.length || options.clock.nowUs() >= deadlineUs) return times;
    await sleep(options.clock, LOOK_MS);
  }
}
