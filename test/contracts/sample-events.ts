// Events for tests of stores and journals: small, real kinds, every optional part now and then.
import type { JournalEvent, NewJournalEvent } from "../../src/domain/journal-event.ts";
import { deriveId } from "../../src/platform/ids.ts";

const ROOT_ID = "01a20455-bc15-71ab-a1e2-0f1aa7958101";

/** The same label always gives the same id. */
export function sampleId(label: string): string {
  return deriveId(ROOT_ID, label);
}

export interface SampleOptions {
  readonly stream: string;
  readonly seq: number;
  readonly label?: string;
  readonly causationId?: string;
  readonly simulated?: boolean;
}

/** A whole event as a store takes it. */
export function sampleEvent(options: SampleOptions): Omit<JournalEvent, "position"> {
  const { stream, seq } = options;
  return {
    kind: "conversation.cancel-requested",
    data: { by: "user", reason: `"${options.label ?? "why"}" – naïve 漢字 😀 ${seq}` },
    actor: "user",
    stream,
    seq,
    id: sampleId(`${stream}/${seq}/${options.label ?? ""}`),
    atUs: 1_795_305_600_000_000 + seq,
    trace: { traceparent: `00-${"0af7651916cd43dd8448eb211c80319c"}-00f067aa0ba902b7-01` },
    simulated: options.simulated ?? false,
    ...(options.causationId === undefined ? {} : { causationId: options.causationId }),
  };
}

/** What a decider returns: a note that someone asked for an end, told apart by its reason. */
export function noteEvent(reason: string, extra: { stream?: string; simulated?: boolean; id?: string } = {}) {
  return { kind: "conversation.cancel-requested", actor: "user", data: { by: "user", reason }, ...extra } as const;
}

/** The first event of a conversation. */
export function createdEvent(simulated?: boolean): NewJournalEvent {
  return {
    kind: "conversation.created",
    actor: "user",
    data: {
      question: { hash: "0".repeat(64), bytes: 2 },
      attachments: [],
      orchestration: "ask",
      settings: {},
      roster: [],
      seed: 1,
      budgetNanoUsd: 1,
      deadlineUs: 1,
      configHash: "0".repeat(64),
    },
    ...(simulated === undefined ? {} : { simulated }),
  };
}

/** The reason that {@link noteEvent} or {@link sampleEvent} was given. */
export function reasonOf(event: JournalEvent): string {
  if (event.kind !== "conversation.cancel-requested") throw new TypeError(`${event.kind} has no reason`);
  return event.data.reason;
}
