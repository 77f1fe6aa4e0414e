// Sending: what has to be known outside the transaction is gathered first, the
// decision is made inside, then the doorbell rings.
import type { Address, BodyRef } from "../../domain/envelope.ts";
import type { AgentId, ConversationId } from "../../domain/ids.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { Decision, DecisionView, Journal } from "../../journal/journal.ts";
import type { Clock } from "../../platform/clock.ts";
import { deriveId, type IdSource } from "../../platform/ids.ts";
import type { Bus } from "../bus/bus.ts";
import { wakeSubject } from "../bus/subjects.ts";
import { memberOf } from "../handshake/view.ts";
import { readView, VIEWS_COLLECTION, type ViewDocument, viewInForce } from "../handshake/view-documents.ts";
import type { Registry, SendReceipt, SendRequest } from "../mesh.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import type { ProgressHub } from "../progress-hub.ts";
import type { LocalPorts } from "../registry/local-ports.ts";
import type { PortHandle, Selector } from "../turn-runner.ts";
import { type Accepted, decideAccepted, type MessageDraft } from "./accept-message.ts";
import { decideReply } from "./reply.ts";

export interface SendOptions {
  readonly journal: Journal;
  readonly registry: Registry;
  readonly ports: LocalPorts;
  readonly selector: Selector;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly limits: MeshLimits;
  readonly progress: ProgressHub;
}

export function createSend(options: SendOptions): (request: SendRequest) => Promise<SendReceipt> {
  const { journal, bus, progress } = options;
  return async (request) => {
    const { conversationId, lease } = request;
    const body = journal.encodeBody({ parts: request.parts } as unknown as JsonValue);
    const draft = await draftOf(options, { request, body: body.ref });
    const before = await viewOf(options, conversationId);
    const { result, events } = await journal.append({
      stream: conversationId,
      ...(lease === undefined ? {} : { lease }),
      ...(before === undefined ? {} : { trace: before.trace }),
      decide: (view): Decision<Accepted> => ({ ...decide(view, draft), bodies: [body] }),
    });
    const accepted = events.find((event) => event.kind === "message.accepted");
    if (accepted !== undefined) {
      bus.publish(wakeSubject(conversationId), null);
      progress.emit({ type: "journal", conversationId });
    }
    const fresh = accepted !== undefined;
    return { messageId: draft.id, recipients: result.recipients, seq: accepted?.seq ?? result.seq, fresh };
  };
}

function decide(view: DecisionView, draft: MessageDraft): Decision<Accepted> {
  if (draft.intent === "reply") {
    const replied = decideReply(view, { message: draft });
    return { events: replied.events, result: replied };
  }
  const accepted = decideAccepted(view, draft);
  return { events: accepted.event === undefined ? [] : [accepted.event], result: accepted };
}

async function draftOf(
  options: SendOptions,
  { request, body }: { readonly request: SendRequest; readonly body: BodyRef },
): Promise<MessageDraft> {
  const { parts: _, lease: __, ...rest } = request;
  const id = request.id ?? options.ids.next();
  const port = await speakingPort(options, request);
  return {
    ...rest,
    id,
    ...(port !== undefined && request.incarnation === undefined ? { incarnation: port.incarnation } : {}),
    ...(request.intent === "request" && request.turnId === undefined ? { turnId: deriveId(id, "turn") } : {}),
    candidates: await candidatesFor(options, request.to),
    body,
    nowUs: options.clock.nowUs(),
    limits: options.limits,
  };
}

/** The sender's port here: the one that the view names in which it is a member, or else its newest. */
async function speakingPort(options: SendOptions, request: SendRequest): Promise<PortHandle | undefined> {
  const { conversationId, causedBy, from } = request;
  const port = options.ports.get(from);
  if (port === undefined || port.handle.agent.card.port === "pulling") return undefined;
  for (const id of [conversationId, ...(causedBy === undefined ? [] : [causedBy.conversationId])]) {
    const member = memberOf(viewInForce(await viewOf(options, id)), from);
    if (member !== undefined) return options.ports.at(member) ?? port.handle;
  }
  return port.handle;
}

async function viewOf({ journal }: SendOptions, conversationId: ConversationId): Promise<ViewDocument | undefined> {
  return readView(await journal.document(VIEWS_COLLECTION, conversationId));
}

/** Best first: what the selector would ask now, then what it would not, then agents of other processes by quality. */
async function candidatesFor(options: SendOptions, to: Address): Promise<AgentId[]> {
  if (to.mode !== "anycast") return [];
  const here = options.ports.withSkill(to.skill);
  const best = [...options.selector.order(here), ...here].map((port) => port.agent.card.id);
  const entries = await options.registry.withSkill(to.skill);
  const elsewhere = entries
    .filter((entry) => entry.card.port === "driven" && entry.ports.some((port) => port.state === "live"))
    .sort((a, b) => b.card.quality - a.card.quality)
    .map((entry) => entry.card.id);
  return [...new Set([...best, ...elsewhere])];
}
