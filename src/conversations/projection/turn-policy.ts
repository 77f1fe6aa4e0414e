// What conversations give the mesh: what an agent is shown, and what its answer means.

import type { Ballot } from "../../domain/decision.ts";
import type { TurnId } from "../../domain/ids.ts";
import type { NewJournalEvent } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import { type Part, textOf } from "../../domain/part.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Interpretation, TurnContext, TurnPolicy } from "../../mesh/mesh.ts";
import type { ConversationRecord } from "../lifecycle/record.ts";
import type { AskDetail } from "../lifecycle/steps.ts";
import { keptBody } from "../reading/kept-body.ts";
import { ballotPart, ballotWords, readBallot } from "./ballot.ts";
import { asksByTurn, type CanonicalRecord, canonicalMessages, type EarlierConversation } from "./canonical.ts";
import { projectTurn } from "./project.ts";

export interface TurnPolicyOptions {
  readonly journal: Pick<Journal, "body">;
  readonly record: ConversationRecord;
  readonly earlier?: EarlierConversation;
}

/** The policy of one conversation. `interpret` knows every turn that `project` has been asked about. */
export function createTurnPolicy(options: TurnPolicyOptions): TurnPolicy {
  const { record } = options;
  return {
    async project(context) {
      await record.refresh();
      const opaque = await opaqueOf(options, context);
      const { turnId, card, route, step, repair } = context;
      return projectTurn(canonicalRecord(options), {
        ...{ turnId, card, route, step, opaque },
        ...(repair === undefined ? {} : { repair }),
      });
    },
    interpret(context, parts) {
      const ask = asksByTurn(record.events).get(context.turnId);
      return ask?.ballot === undefined
        ? { kind: "accept", parts }
        : interpretBallot(context, { ask, form: ask.ballot, parts });
    },
  };
}

function canonicalRecord({ record, earlier }: TurnPolicyOptions): CanonicalRecord {
  return {
    conversationId: record.conversationId,
    seed: record.created.data.seed,
    createdSeq: record.created.seq,
    question: record.question,
    attachments: record.attachments,
    members: record.created.data.roster.map(({ id }) => id),
    messages: canonicalMessages(record.events, record.parts),
    asksByTurn: asksByTurn(record.events),
    ...(earlier === undefined ? {} : { earlier }),
  };
}

/** Opaque blocks go back only to the same agent, vendor and model; erased ones are left out. */
async function opaqueOf(options: TurnPolicyOptions, context: TurnContext): Promise<ReadonlyMap<TurnId, JsonValue>> {
  const { journal, record } = options;
  const { card, route } = context;
  const found = new Map<TurnId, JsonValue>();
  for (const { kind, data } of record.events) {
    if (kind !== "attempt.settled" || data.outcome !== "succeeded" || data.agent !== card.id) continue;
    const isSameModel = data.route.vendor === route.vendor && data.route.model === route.model;
    if (data.privateBody === undefined || !isSameModel) continue;
    const blocks = await keptBody(journal, data.privateBody);
    if (blocks !== undefined) found.set(data.turnId, blocks);
  }
  return found;
}

interface BallotAnswer {
  readonly ask: AskDetail;
  readonly form: NonNullable<AskDetail["ballot"]>;
  readonly parts: readonly Part[];
}

/** One try to repair; then an unreadable ballot is an abstention. */
function interpretBallot(context: TurnContext, { ask, form, parts }: BallotAnswer): Interpretation {
  const reading = readBallot(textOf(parts), form, ask.agent);
  if (reading.ok) return cast(context, { ask, form, parts }, reading);
  if (context.step === 0) {
    return { kind: "repair", instruction: `Your ballot cannot be counted: ${reading.fault}. ${ballotWords(form)}` };
  }
  const ballot: Ballot = {
    agent: ask.agent,
    abstained: true,
    reason: `the ballot could not be read: ${reading.fault}`,
  };
  return cast(context, { ask, form, parts }, { ballot, critiques: {} });
}

function cast(
  { turnId }: TurnContext,
  { ask, form, parts }: BallotAnswer,
  read: { readonly ballot: Ballot; readonly critiques: Readonly<Record<string, string>> },
): Interpretation {
  const event: NewJournalEvent = {
    kind: "ballot.cast",
    actor: ask.agent,
    data: { ballot: read.ballot, turnId, round: ask.round, orderShown: form.options },
  };
  return { kind: "accept", parts: [...parts, ballotPart(read.ballot, read.critiques)], events: [event] };
}
