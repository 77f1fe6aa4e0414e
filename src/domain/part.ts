// A part is one piece of a message. Vendors' own shapes never appear here:
// wires translate at the edge.
import type { JsonValue } from "./json.ts";

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

/** Visible reasoning of a model. Kept for the record, never sent to another agent. */
export interface ReasoningPart {
  readonly type: "reasoning";
  readonly text: string;
}

export interface ToolCallPart {
  readonly type: "tool-call";
  /** Our own id; wires map it to what their vendor accepts, per request. */
  readonly callId: string;
  readonly tool: string;
  readonly input: JsonValue;
}

export interface ToolResultPart {
  readonly type: "tool-result";
  readonly callId: string;
  readonly tool: string;
  readonly output: JsonValue;
  readonly isError: boolean;
}

/** A structured answer that passed its schema: a ballot, a ranking, a plan. */
export interface DataPart {
  readonly type: "data";
  readonly schemaName: string;
  readonly value: JsonValue;
}

/** A text file that a person attached. `text` is the whole content, decoded from UTF-8. */
export interface AttachmentPart {
  readonly type: "attachment";
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

export type Part = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | DataPart | AttachmentPart;

/** All text parts joined by a blank line; reasoning, calls and data are left out. */
export function textOf(parts: readonly Part[]): string {
  return parts
    .filter((part): part is TextPart => part.type === "text")
    .map((part) => part.text)
    .join("\n\n");
}
