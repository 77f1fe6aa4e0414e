// Writes a simulated model's whole reply to a prompt: thinking, text, calls.
// It depends on the seed and the prompt only.
import type { JsonObject } from "../../domain/json.ts";
import { createSeededRandom } from "../../platform/random.ts";
import { labelsIn } from "./ballot-labels.ts";
import { asksForJson, embeddedSchema } from "./embedded-schema.ts";
import { evidenceFor, fittingQuotes } from "./evidence.ts";
import { fromSchema, type SchemaMeaning } from "./from-schema.ts";
import { createMeaning } from "./meaning.ts";
import { type ModelReply, type Prompt, userText } from "./prompt.ts";
import { writeAnswer } from "./prose.ts";
import { type Assignment, assignmentOf } from "./question.ts";
import { type Quote, rankSentences } from "./rank.ts";
import { statementOf } from "./sides.ts";
import { type Stance, takeStance } from "./stance.ts";
import { asksForSynthesis, chairedStance, writeSynthesis } from "./synthesis.ts";
import { chooseCalls } from "./tool-use.ts";

/** @throws SchemaUnsupportedError when a schema asks for what cannot be made. */
export function composeReply(prompt: Prompt, seed: string): ModelReply {
  const assignment = assignmentOf(prompt);
  const random = createSeededRandom(
    `${seed}/reply/${prompt.model}/${assignment.agent}/${assignment.question}/${assignment.own.length}/${assignment.peers.length}`,
  );
  const fitting = fittingQuotes(rankSentences(assignment.documents, assignment.question), assignment.question);
  const isChair = asksForSynthesis(assignment);
  const own = takeStance({ assignment, quotes: fitting, seed, model: prompt.model });
  const stance = isChair ? chairedStance(assignment, own) : own;
  const quotes = evidenceFor(fitting, { assignment, stance, seed });
  const write = isChair ? writeSynthesis : writeAnswer;
  const answer = write({ assignment, stance, quotes, random: random.fork("answer"), seed });
  const schema = schemaFor(prompt, assignment);
  const text = userText(prompt);
  const labels = schema === undefined ? [] : labelsIn(schema);
  const meaning = createMeaning({ assignment, stance, quotes, text, labels, seed: `${seed}/${prompt.model}`, answer });
  const thinking = think(assignment, quotes, stance);
  const calls = chooseCalls(prompt, meaning, random.fork("calls"));
  if (calls.length > 0) return { thinking, text: "", calls };
  if (schema !== undefined) return { thinking, text: structured(schema, meaning, random), calls: [] };
  return { thinking, text: [...resultSentences(prompt), answer].join("\n\n"), calls: [] };
}

function schemaFor(prompt: Prompt, { instruction }: Assignment): JsonObject | undefined {
  if (prompt.answerSchema !== undefined) return prompt.answerSchema;
  return prompt.isJson || asksForJson(instruction) ? embeddedSchema(prompt) : undefined;
}

function structured(schema: JsonObject, meaning: SchemaMeaning, random: ReturnType<typeof createSeededRandom>): string {
  return JSON.stringify(fromSchema(schema, { meaning, random: random.fork("schema") }));
}

function think({ question, documents, peers }: Assignment, quotes: readonly Quote[], stance: Stance): string {
  const sources = documents.map((document) => document.name).join(", ");
  const lines = [
    `The question is: ${question}`,
    sources === ""
      ? "There is no document to rely on, so I argue from the question itself."
      : `I look through ${sources}.`,
    ...(quotes[0] === undefined ? [] : [`The passage that fits best reads: ${quotes[0].quote}`]),
    ...(peers.length === 0 ? [] : [`I have read what ${peers.map((peer) => peer.from).join(", ")} said.`]),
    `I lean to this: ${statementOf(stance.side)}`,
  ];
  return lines.join(" ");
}

const RESULT_CHARS_MAX = 400;

/** One sentence for each tool result of the present turn. */
function resultSentences({ messages }: Prompt): string[] {
  const start = messages.findLastIndex((message) => message.role === "user" && message.text !== "");
  const results = messages.slice(Math.max(0, start)).flatMap((message) => message.results);
  return results.map(
    ({ name, text }) => `${name === "" ? "The tool" : name} returned: ${text.slice(0, RESULT_CHARS_MAX)}`,
  );
}
