// When time itself is an event: the deadlines of the open round and of the whole
// conversation, reckoned from the journal alone, so that a restart changes none.
import type { EventId } from "../../domain/ids.ts";
import type { JsonObject } from "../../domain/json.ts";
import { type TimestampUs, US_PER_MS } from "../../domain/time.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { COMMON_SETTINGS, readSettings } from "../kernel/settings.ts";
import type { ConversationRecord } from "./record.ts";
import { deadlineId, roundDeadlineId, type Step } from "./steps.ts";

export interface DueStep {
  readonly id: EventId;
  readonly atUs: TimestampUs;
  readonly step: Step;
}

export interface RoundTimes {
  readonly softMs: number;
  readonly hardMs: number;
}

/** From settings that have been checked before. An orchestration without them has the defaults. */
export function roundTimes(settings: JsonObject): RoundTimes {
  const { roundSoftMs, roundHardMs } = settings;
  const read = readSettings({ ...given({ roundSoftMs }), ...given({ roundHardMs }) }, COMMON_SETTINGS);
  return { softMs: read.number("roundSoftMs"), hardMs: read.number("roundHardMs") };
}

function given(setting: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(setting).filter(([, value]) => value !== undefined));
}

/** The steps that time will take if nothing else happens, earliest first. Those taken already are left out. */
export function dueSteps(record: ConversationRecord, kernel: Kernel): readonly DueStep[] {
  const { conversationId, created } = record;
  const taken = new Set(record.events.map(({ id }) => id));
  const whole: DueStep = {
    id: deadlineId(conversationId),
    atUs: created.data.deadlineUs,
    step: { type: "deadline", detail: { reason: "the conversation's deadline has passed" } },
  };
  return [whole, ...roundSteps(record, kernel)].filter(({ id }) => !taken.has(id)).sort((a, b) => a.atUs - b.atUs);
}

/** Counted from the last ask of the round that is waited for. */
function roundSteps(record: ConversationRecord, kernel: Kernel): readonly DueStep[] {
  const rounds = [...kernel.open.values()].map(({ round }) => round);
  const round = Math.max(...rounds);
  const last = kernel.issued.findLast(({ command }) => command.type === "ask" && command.round === round);
  const written = record.events.find(({ id }) => id === last?.id);
  // An ask that is not written yet has no time to be counted from.
  if (last === undefined || written === undefined) return [];
  const { softMs, hardMs } = roundTimes(record.created.data.settings);
  return [
    { hard: false, afterMs: softMs },
    { hard: true, afterMs: hardMs },
  ].map(({ hard, afterMs }) => ({
    id: roundDeadlineId(last.id, hard),
    atUs: written.atUs + afterMs * US_PER_MS,
    step: { type: "round-deadline", detail: { ask: last.id, round, hard } },
  }));
}
