// The mesh's projections, for whoever opens the journal.
import type { Projection } from "../journal/journal.ts";
import { deliveryProjection } from "./delivery/delivery-projection.ts";
import { viewProjection } from "./handshake/view-projection.ts";
import { registryProjection } from "./registry/registry-projection.ts";

export const MESH_PROJECTIONS: readonly Projection[] = [registryProjection, viewProjection, deliveryProjection];
