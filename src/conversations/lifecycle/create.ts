// Creating a conversation: everything that can be refused is refused here,
// before a model is asked; then one event makes it durable.
import type { AgentCard } from "../../domain/agent-card.ts";
import { PolylogueError } from "../../domain/errors.ts";
import { type ConversationId, USER } from "../../domain/ids.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { NanoUsd } from "../../domain/money.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Clock } from "../../platform/clock.ts";
import type { IdSource } from "../../platform/ids.ts";
import type { Orchestration } from "../orchestration.ts";
import { findOrchestration } from "../orchestrations/list.ts";
import { assertContinuable } from "./earlier.ts";
import type { LifecycleLimits } from "./limits.ts";
import { assertMembers, plannedSetup } from "./setup.ts";

export interface CreateRequest {
  readonly question: string;
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly text: string }[];
  /** Name of an orchestration. */
  readonly orchestration: string;
  readonly settings: JsonObject;
  readonly roster: readonly AgentCard[];
  readonly seed: number;
  readonly budgetNanoUsd: NanoUsd;
  /** For the whole conversation, from now. */
  readonly deadlineMs?: number;
  /** Digest of the configuration it runs under. */
  readonly configHash: string;
  readonly simulated: boolean;
  /** The ended conversation it goes on from. */
  readonly continues?: ConversationId;
}

export interface CreateTools {
  readonly journal: Journal;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly orchestrations: readonly Orchestration[];
  readonly limits: LifecycleLimits;
}

/**
 * Resolves when the conversation is durable. Throws `USAGE`, `MEMBERS_COUNT`,
 * `ORCHESTRATION_UNKNOWN`, `ATTACHMENT_TOO_LARGE`, and for `continues`
 * `CONVERSATION_UNKNOWN`, `CONVERSATION_SIMULATED`, `CONVERSATION_NOT_SIMULATED`.
 */
export async function createConversation(tools: CreateTools, request: CreateRequest): Promise<ConversationId> {
  await assertCreatable(tools, request);
  const { journal, ids, clock, limits } = tools;
  const { question, attachments, simulated, continues } = request;
  const id = ids.next();
  const questionBody = journal.encodeBody(question);
  const attached = attachments.map(({ name, mediaType, text }) => ({
    name,
    mediaType,
    body: journal.encodeBody(text),
  }));
  const deadlineUs = clock.nowUs() + (request.deadlineMs ?? limits.deadlineMs) * US_PER_MS;
  await journal.append({
    stream: id,
    expectedSeq: 0,
    simulated,
    decide: () => ({
      events: [
        {
          kind: "conversation.created",
          actor: USER,
          data: {
            question: questionBody.ref,
            attachments: attached.map(({ name, mediaType, body }) => ({ name, mediaType, body: body.ref })),
            orchestration: request.orchestration,
            settings: request.settings,
            roster: request.roster,
            seed: request.seed,
            budgetNanoUsd: request.budgetNanoUsd,
            deadlineUs,
            configHash: request.configHash,
            ...(continues === undefined ? {} : { continues }),
          },
        },
      ],
      bodies: [questionBody, ...attached.map(({ body }) => body)],
      result: undefined,
    }),
  });
  return id;
}

async function assertCreatable(
  { journal, orchestrations, limits }: CreateTools,
  request: CreateRequest,
): Promise<void> {
  const orchestration = findOrchestration(request.orchestration, orchestrations);
  if (request.question.trim() === "") {
    throw new PolylogueError("USAGE", { message: "The question is empty.", mend: "Ask something." });
  }
  const bytes = request.attachments.reduce((sum, { text }) => sum + Buffer.byteLength(text, "utf8"), 0);
  if (bytes > limits.attachmentsBytesMax) {
    throw new PolylogueError("ATTACHMENT_TOO_LARGE", {
      message: `The attachments hold ${bytes} bytes together, where ${limits.attachmentsBytesMax} are the limit.`,
      mend: "Attach fewer or shorter texts.",
    });
  }
  assertMembers(orchestration, request.roster);
  // Reads every setting, and refuses what cannot be.
  orchestration.turnsMax(plannedSetup(request));
  if (request.continues !== undefined) await assertContinuable(journal, request.continues, request.simulated);
}
