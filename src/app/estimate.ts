// What a conversation would cost at the most. Nobody is called.
import type { AgentRequest } from "../agents/agent.ts";
import { type AgentCard, ownRoute, type Route } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import { usdFromNano } from "../domain/money.ts";
import type { AgentFactory } from "./agent-factory.ts";
import type { AskRequest, EstimateDocument } from "./polylogue.ts";

export interface EstimateInput {
  readonly request: Pick<AskRequest, "question" | "attachments">;
  readonly orchestration: string;
  /** Of the whole conversation. */
  readonly turnsMax: number;
  readonly cards: readonly AgentCard[];
  readonly simulated: boolean;
}

type AgentEstimate = EstimateDocument["agents"][number];

/** What every prompt says beside question, attachments and answers: rules, frames, a ballot's form. */
const FRAME_TOKENS = 2_000;

/**
 * Turns are shared equally; those left over go to the dearest agent. Each turn
 * is taken to read every answer before it, each as long as it may be, cut to
 * the model's window; and is priced by the dearest of the routes it may take,
 * in the dearest hour. Repeated attempts are not in it: the budget limits those.
 */
export function estimateCost(input: EstimateInput, factory: Pick<AgentFactory, "costing">): EstimateDocument {
  const { cards, turnsMax } = input;
  const share = Math.floor(turnsMax / cards.length);
  const rest = turnsMax - share * cards.length;
  const estimateOf = (card: AgentCard, turns: number): AgentEstimate => estimateAgent({ card, turns, input, factory });
  const byCost = cards
    .map((card) => ({ card, cost: estimateOf(card, share + rest).costUsdMax }))
    .sort((a, b) => b.cost - a.cost);
  const dearest = byCost[0]?.card;
  const agents = cards.map((card) => estimateOf(card, card === dearest ? share + rest : share));
  return {
    schema: "polylogue.estimate/1",
    orchestration: input.orchestration,
    turnsMax,
    costUsdMax: agents.reduce((sum, { costUsdMax }) => sum + costUsdMax, 0),
    agents,
    simulated: input.simulated,
  };
}

interface AgentQuestion {
  readonly card: AgentCard;
  readonly turns: number;
  readonly input: EstimateInput;
  readonly factory: Pick<AgentFactory, "costing">;
}

function estimateAgent({ card, turns, input, factory }: AgentQuestion): AgentEstimate {
  const { vendor, model } = ownRoute(card);
  const routes = card.fallback ? card.routes : card.routes.slice(0, 1);
  const answerTokensMax = Math.max(...input.cards.map(({ outputTokensMax }) => outputTokensMax));
  let inputTokensMax = 0;
  let costNanoUsdMax = 0;
  for (let turn = 0; turn < turns; turn++) {
    // Everybody else may have spoken in this round already.
    const answersBefore = Math.min((turn + 1) * input.cards.length, input.turnsMax) - 1;
    const tokensBefore = answersBefore * answerTokensMax;
    const costs = routes.map((route) => turnCost({ route, card, tokensBefore, request: input.request }, factory));
    inputTokensMax += Math.max(...costs.map(({ inputTokens }) => inputTokens));
    costNanoUsdMax += Math.max(...costs.map(({ nanoUsd }) => nanoUsd));
  }
  return {
    agent: card.id,
    vendor,
    model,
    turnsMax: turns,
    inputTokensMax,
    outputTokensMax: turns * card.outputTokensMax,
    costUsdMax: usdFromNano(costNanoUsdMax),
  };
}

interface TurnQuestion {
  readonly route: Route;
  readonly card: AgentCard;
  readonly tokensBefore: number;
  readonly request: EstimateInput["request"];
}

function turnCost({ route, card, tokensBefore, request }: TurnQuestion, factory: AgentQuestion["factory"]) {
  const costing = factory.costing(route, card.id);
  const outputTokensMax = card.outputTokensMax;
  const wanted = FRAME_TOKENS + costing.estimateInputTokens(promptOf(route, card, request)) + tokensBefore;
  const window = Math.min(card.contextTokensMax ?? Infinity, costing.contextTokensMax ?? Infinity);
  const inputTokens = Math.max(1, Math.min(wanted, window - outputTokensMax));
  const nanoUsd = costing.costMaxNanoUsd(inputTokens, outputTokensMax);
  if (nanoUsd !== undefined) return { inputTokens, nanoUsd };
  throw new PolylogueError("PRICE_UNKNOWN", {
    message: `The price of ${route.model} at ${route.vendor} is not known, so what ${card.id} may cost cannot be said.`,
    mend: `Give it in the configuration, under vendors.${route.vendor}.prices.`,
  });
}

function promptOf(
  route: Route,
  card: AgentCard,
  { question, attachments = [] }: EstimateInput["request"],
): AgentRequest {
  const texts = [question, ...attachments.map(({ name, text }) => `${name}\n${text}`)];
  return {
    system: "",
    history: [{ role: "user", parts: texts.map((text) => ({ type: "text", text })) }],
    newTurns: 1,
    sessionKey: "estimate",
    route,
    outputTokensMax: card.outputTokensMax,
  };
}
