// Keeps the registry's documents from the events of the mesh's own stream.
import type { JournalEvent } from "../../domain/journal-event.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Projection, ProjectionWriter } from "../../journal/journal.ts";
import {
  AGENTS_COLLECTION,
  type AgentDocument,
  PORTS_COLLECTION,
  type PortDocument,
  portCount,
  portGroup,
  portKey,
  REGISTRY_GROUP,
  readPort,
} from "./registry-documents.ts";

export const registryProjection: Projection = {
  name: "mesh-registry",
  version: 2,
  collections: [AGENTS_COLLECTION, PORTS_COLLECTION],
  apply(event: JournalEvent, documents: ProjectionWriter): void {
    switch (event.kind) {
      case "agent.registered": {
        const { simulated, position } = event;
        const { agent, incarnation, card, leaseUntilUs } = event.data;
        putAgent(documents, { agent, incarnation }, position);
        putPort(documents, { agent, incarnation, card, state: "live", leaseUntilUs, simulated }, position);
        count(documents, 1);
        return;
      }
      case "agent.draining": {
        const before = documents.get(PORTS_COLLECTION, portKey(event.data));
        if (before !== undefined) putPort(documents, { ...readPort(before), state: "draining" }, before.order);
        return;
      }
      case "agent.left":
      case "agent.evicted":
        if (documents.get(PORTS_COLLECTION, portKey(event.data)) === undefined) return;
        documents.delete(PORTS_COLLECTION, portKey(event.data));
        count(documents, -1);
        return;
      default:
    }
  },
};

function putAgent(documents: ProjectionWriter, value: AgentDocument, order: number): void {
  documents.put(AGENTS_COLLECTION, { key: value.agent, group: REGISTRY_GROUP, order, value: { ...value } });
}

function putPort(documents: ProjectionWriter, value: PortDocument, order: number): void {
  documents.put(PORTS_COLLECTION, {
    key: portKey(value),
    group: portGroup(value.simulated),
    order,
    value: value as unknown as JsonObject,
  });
}

function count(documents: ProjectionWriter, change: number): void {
  const ports = portCount(documents.get(PORTS_COLLECTION, "#count")) + change;
  documents.put(PORTS_COLLECTION, { key: "#count", group: "count", order: 0, value: { ports } });
}
