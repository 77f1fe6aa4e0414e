// The shape of `ask --json` that scripts build on: exactly these fields.
import { z } from "zod";

const TOKENS = z.strictObject({
  input: z.int(),
  output: z.int(),
  cacheRead: z.int(),
  cacheWrite: z.int(),
  reasoning: z.int(),
});
export const ASK_SCHEMA = z.strictObject({
  schema: z.literal("polylogue.ask/1"),
  conversationId: z.string(),
  status: z.enum(["decided", "no_decision", "degraded", "cancelled", "budget_exhausted", "failed"]),
  answer: z.string().nullable(),
  decision: z.strictObject({
    rule: z.string(),
    winner: z.string().nullable(),
    tallies: z.record(z.string(), z.number()),
    reasons: z.array(z.string()),
    evidence: z.array(
      z.strictObject({ agent: z.string(), messageId: z.string(), source: z.string(), quote: z.string() }),
    ),
  }),
  ballots: z.array(
    z.strictObject({
      agent: z.string(),
      ranking: z.array(z.string()).optional(),
      choice: z.string().optional(),
      abstained: z.literal(true).optional(),
      agrees: z.boolean().optional(),
      reason: z.string().optional(),
    }),
  ),
  dissent: z.array(z.strictObject({ agent: z.string(), position: z.string(), reason: z.string() })),
  quorum: z.strictObject({
    asked: z.array(z.string()),
    answered: z.array(z.string()),
    failed: z.array(z.strictObject({ agent: z.string(), code: z.string(), reason: z.string() })),
  }),
  rounds: z.int(),
  turns: z.int(),
  costUsd: z.number(),
  tokens: TOKENS,
  latencyMs: z.number(),
  stopReasons: z.array(z.string()),
  simulated: z.boolean(),
});
