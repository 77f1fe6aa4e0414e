// What a program may ask for: checked in full before anything is opened, since
// a caller in plain JavaScript has no types, and a budget that is no number
// would limit nothing.
import { PolylogueError } from "../domain/errors.ts";
import type { AskRequest, Attachment } from "./polylogue.ts";

/** As large as a configuration may name one; integer nano-dollars hold it exactly. */
export const BUDGET_USD_MAX = 1_000_000;
/** A day. */
export const DEADLINE_MS_MAX = 86_400_000;

type Field = Exclude<keyof AskRequest, "signal" | "release" | "onProgress" | "onStarted">;

interface Rule {
  readonly holds: (value: unknown) => boolean;
  readonly wanted: string;
}

const RULES: Readonly<Record<Field, Rule>> = {
  question: { holds: isFilled, wanted: "a text that is not empty" },
  with: { holds: (value) => isListOf(value, isFilled), wanted: "a list of names of agents" },
  as: { holds: isFilled, wanted: "the name of an orchestration" },
  attachments: {
    holds: (value) => isListOf(value, isAttachment),
    wanted: "a list of objects with the texts name, mediaType and text",
  },
  budgetUsd: {
    holds: (value) => isNumber(value) && value > 0 && value <= BUDGET_USD_MAX,
    wanted: `an amount in US dollars above 0, up to ${BUDGET_USD_MAX}`,
  },
  seed: { holds: Number.isSafeInteger, wanted: "an integer" },
  continueFrom: { holds: isText, wanted: "the id of a conversation, as a text" },
  settings: {
    holds: (value) => isRecord(value) && Object.values(value).every(isSetting),
    wanted: "an object of texts, numbers and booleans",
  },
  deadlineMs: {
    holds: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= DEADLINE_MS_MAX,
    wanted: `a whole number of milliseconds above 0, up to ${DEADLINE_MS_MAX}`,
  },
};

/** Throws `USAGE` for the first property that cannot be. Names that nothing has are found out later. */
export function assertAskRequest(request: AskRequest): void {
  if (!isRecord(request)) throw refused("The request", "an object with a question");
  for (const [field, { holds, wanted }] of Object.entries(RULES) as [Field, Rule][]) {
    const value = request[field];
    if (value === undefined ? field === "question" : !holds(value)) throw refused(field, wanted);
  }
}

/** Never repeats the value: a text of the wrong kind may be long, or secret. */
function refused(what: string, wanted: string): PolylogueError {
  return new PolylogueError("USAGE", {
    message: `This cannot be asked: ${what} must be ${wanted}.`,
    mend: `Give ${wanted}.`,
  });
}

function isAttachment(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, mediaType, text } = value as Partial<Record<keyof Attachment, unknown>>;
  return isFilled(name) && isFilled(mediaType) && isText(text);
}

function isSetting(value: unknown): boolean {
  return isText(value) || typeof value === "boolean" || isNumber(value);
}

function isFilled(value: unknown): boolean {
  return isText(value) && value.trim() !== "";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isListOf(value: unknown, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
