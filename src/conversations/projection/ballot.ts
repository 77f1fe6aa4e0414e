// Ballots on the wire: the schema a member is asked to fill in, and how an
// answer is read. What cannot be read is never guessed.
import type { AnswerFormat } from "../../agents/agent.ts";
import type { Ballot } from "../../domain/decision.ts";
import type { AgentId } from "../../domain/ids.ts";
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { DataPart, Part } from "../../domain/part.ts";
import type { BallotForm } from "../orchestration.ts";
import { firstJsonObject } from "./json-in-text.ts";

export const BALLOT_SCHEMA = "polylogue.ballot/1";
/** Longer reasons are cut; the whole answer stays in the record. */
export const REASON_CHARS_MAX = 4_000;

const AGREES = "whether you share the conclusion of the answer you put first";

export function ballotFormat(form: BallotForm): AnswerFormat {
  const { options } = form;
  const label = { type: "string", enum: options };
  const vote: JsonObject =
    form.kind === "choice"
      ? { choice: label }
      : {
          ranking: {
            type: "array",
            items: label,
            uniqueItems: true,
            minItems: options.length,
            maxItems: options.length,
            description: "every label exactly once, best first",
          },
        };
  const critiques: JsonObject =
    form.critiques === true
      ? {
          critiques: {
            type: "array",
            items: {
              type: "object",
              properties: { label, critique: { type: "string" } },
              required: ["label", "critique"],
              additionalProperties: false,
            },
          },
        }
      : {};
  const agreement: JsonObject = form.agreement === true ? { agrees: { type: "boolean", description: AGREES } } : {};
  const properties: JsonObject = { ...vote, reason: { type: "string" }, ...agreement, ...critiques };
  const schema = { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
  return { name: "ballot", schema };
}

/** The same in words, for models whose vendor has no structured output. */
export function ballotWords(form: BallotForm): string {
  const labels = form.options.map((option) => JSON.stringify(option)).join(", ");
  const vote =
    form.kind === "choice" ? '"choice": one of the labels' : '"ranking": an array of all the labels, best first';
  const critiques = form.critiques === true ? ', "critiques": an array of {"label", "critique"}' : "";
  const agreement = form.agreement === true ? `, "agrees": true or false, ${AGREES}` : "";
  const fields = `${vote}, "reason": a text${agreement}${critiques}`;
  return `The labels are ${labels}. Reply with one JSON object and nothing else: {${fields}}.`;
}

export type BallotReading =
  | { readonly ok: true; readonly ballot: Ballot; readonly critiques: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly fault: string };

export function readBallot(text: string, form: BallotForm, agent: AgentId): BallotReading {
  const value = firstJsonObject(text);
  if (value === undefined) return { ok: false, fault: "it holds no JSON object" };
  const reason = typeof value.reason === "string" ? { reason: value.reason.slice(0, REASON_CHARS_MAX) } : {};
  const agrees = form.agreement === true && typeof value.agrees === "boolean" ? { agrees: value.agrees } : {};
  const critiques = critiquesOf(value.critiques, form);
  if (form.kind === "choice") {
    const { choice } = value;
    if (typeof choice !== "string" || !form.options.includes(choice)) {
      return { ok: false, fault: `"choice" is ${asShown(choice)}, not one of the labels` };
    }
    return { ok: true, ballot: { agent, choice, ...agrees, ...reason }, critiques };
  }
  const fault = rankingFault(value.ranking, form.options);
  if (fault !== undefined) return { ok: false, fault };
  return { ok: true, ballot: { agent, ranking: value.ranking as readonly string[], ...agrees, ...reason }, critiques };
}

/** In a fault, which goes back to whoever said it: enough to know it again. */
const SHOWN_CHARS_MAX = 200;

function asShown(value: JsonValue | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`;
}

function rankingFault(ranking: JsonValue | undefined, options: readonly string[]): string | undefined {
  if (!Array.isArray(ranking)) return '"ranking" is not an array';
  const stranger = ranking.find((label) => typeof label !== "string" || !options.includes(label));
  if (stranger !== undefined) return `"ranking" holds ${asShown(stranger)}, which is not one of the labels`;
  if (new Set(ranking).size !== ranking.length) return '"ranking" names a label twice';
  if (ranking.length !== options.length) return `"ranking" holds ${ranking.length} of ${options.length} labels`;
  return undefined;
}

/** Only what was asked for and can be read; a missing critique voids no vote. */
function critiquesOf(value: JsonValue | undefined, form: BallotForm): Readonly<Record<string, string>> {
  if (form.critiques !== true || !Array.isArray(value)) return {};
  const entries = value.flatMap((item: JsonValue): [string, string][] => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [];
    const { label, critique } = item as JsonObject;
    const isRead = typeof label === "string" && typeof critique === "string" && form.options.includes(label);
    return isRead ? [[label, critique.slice(0, REASON_CHARS_MAX)]] : [];
  });
  return Object.fromEntries(entries);
}

/** What the record keeps beside the agent's own words. */
export function ballotPart(ballot: Ballot, critiques: Readonly<Record<string, string>>): DataPart {
  return { type: "data", schemaName: BALLOT_SCHEMA, value: { ballot: ballot as unknown as JsonObject, critiques } };
}

/** Critiques that came with a ballot, by the labels shown; undefined where there were none. */
export function critiquesIn(parts: readonly Part[]): Readonly<Record<string, string>> | undefined {
  const part = parts.find((item): item is DataPart => item.type === "data" && item.schemaName === BALLOT_SCHEMA);
  const critiques = (part?.value as { readonly critiques?: Readonly<Record<string, string>> } | undefined)?.critiques;
  return critiques === undefined || Object.keys(critiques).length === 0 ? undefined : critiques;
}
