// Everything that is kept beside the journal. Every process of one home
// registers the same, in the same order.

import { conversationsProjection } from "../conversations/reading/conversations-projection.ts";
import type { Projection } from "../journal/journal.ts";
import { createBudgetsProjection } from "../mesh/budgets/budgets-projection.ts";
import { createCostsProjection } from "../mesh/budgets/costs-projection.ts";
import { MESH_PROJECTIONS } from "../mesh/mesh-projections.ts";

export const PROJECTIONS: readonly Projection[] = [
  ...MESH_PROJECTIONS,
  conversationsProjection,
  createBudgetsProjection(),
  createCostsProjection(),
];
