// What the chat-completion formats have in common.
import { isRecord } from "../json-shape.ts";

/** A frame without choices carries no content: a vendor's own news between the others. */
export function isForeignChatFrame(value: unknown): boolean {
  return isRecord(value) && value.choices === undefined && value.error === undefined;
}
