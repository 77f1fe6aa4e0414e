// What the journal holds of a conversation's views, as one document each.
import type { ConversationId } from "../../domain/ids.ts";
import type { TraceContext } from "../../domain/trace.ts";
import type { StoredDocument } from "../../storage/store.ts";
import type { PortAddress, View } from "./protocol.ts";

export const VIEWS_COLLECTION = "mesh-views";

export interface ViewDocument {
  readonly conversationId: ConversationId;
  /** Of the conversation's first event. */
  readonly trace: TraceContext;
  /** The highest epoch ever proposed; a coordinator goes on from here. */
  readonly epoch: number;
  readonly proposed?: View;
  readonly installed?: View;
  /** Members of the installed view that are gone, until the next one is installed. */
  readonly departed: readonly PortAddress[];
}

export function readView(document: StoredDocument | undefined): ViewDocument | undefined {
  return document?.value as unknown as ViewDocument | undefined;
}

/** The installed view without those who are gone; undefined before the first one. */
export function viewInForce(document: ViewDocument | undefined): View | undefined {
  if (document?.installed === undefined) return undefined;
  const { installed, departed } = document;
  const isGone = ({ agent, incarnation }: PortAddress): boolean =>
    departed.some((gone) => gone.agent === agent && gone.incarnation >= incarnation);
  return { ...installed, members: installed.members.filter((member) => !isGone(member)) };
}
