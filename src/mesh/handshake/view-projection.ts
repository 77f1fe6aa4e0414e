// Keeps each conversation's views: proposed, installed, who is gone.
import { MESH_STREAM } from "../../domain/ids.ts";
import type { JournalEvent } from "../../domain/journal-event.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Projection, ProjectionWriter } from "../../journal/journal.ts";
import type { View } from "./protocol.ts";
import { readView, VIEWS_COLLECTION, type ViewDocument } from "./view-documents.ts";

export const viewProjection: Projection = {
  name: "mesh-views",
  version: 1,
  collections: [VIEWS_COLLECTION],
  apply(event: JournalEvent, documents: ProjectionWriter): void {
    if (event.stream === MESH_STREAM) return;
    const before = readView(documents.get(VIEWS_COLLECTION, event.stream));
    const after = withHandshake(before ?? firstView(event), event);
    if (after === before) return;
    documents.put(VIEWS_COLLECTION, {
      key: event.stream,
      group: VIEWS_COLLECTION,
      order: 0,
      value: after as unknown as JsonObject,
    });
  },
};

function firstView({ stream: conversationId, trace }: JournalEvent): ViewDocument {
  return { conversationId, trace, epoch: 0, departed: [] };
}

function withHandshake(before: ViewDocument, event: JournalEvent): ViewDocument {
  switch (event.kind) {
    case "handshake.proposed": {
      const { epoch, digest, version, features, members } = event.data;
      const proposed: View = { epoch, digest, version, features, members };
      return { ...before, epoch, proposed };
    }
    case "handshake.installed": {
      const { proposed } = before;
      if (proposed?.epoch !== event.data.epoch) return before;
      return { ...before, installed: proposed, departed: [] };
    }
    case "handshake.departed": {
      const { agent, incarnation } = event.data;
      return { ...before, departed: [...before.departed, { agent, incarnation }] };
    }
    default:
      return before;
  }
}
