// What a conversation would cost at the most. Nobody is called.
import type { AgentRequest } from "../agents/agent.ts";
import { FAMILY_FACTORS } from "../agents/tokens/token-count.ts";
import type { EarlierConversation } from "../conversations/projection/canonical.ts";
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
  /** What the conversation goes on from. */
  readonly earlier?: EarlierConversation | undefined;
  readonly simulated: boolean;
}

type AgentEstimate = EstimateDocument["agents"][number];

/** What every prompt says beside question, attachments and answers: rules, frames, a ballot's form. */
const FRAME_TOKENS = 2_000;
/** The longest answer of one model may be more tokens for another that reads it. */
const TOKENS_STRETCH = Math.max(...Object.values(FAMILY_FACTORS)) / Math.min(...Object.values(FAMILY_FACTORS));
const LEAVES_OUT = [
  "calls that are made again after a failure",
  "ballots that cannot be read and are asked for once more",
  "messages sent into the conversation while it runs",
];

/**
 * Turns are shared equally; those left over go to the dearest agent. Each turn
 * is taken to read every answer before it, each as long as it may be, cut to
 * the model's window; and is priced by the dearest of the routes it may take,
 * in the dearest hour. It holds where each turn takes one call; what may come on
 * top of that, the document says.
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
    leavesOut: LEAVES_OUT,
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
    const tokensBefore = Math.ceil(answersBefore * answerTokensMax * TOKENS_STRETCH);
    const costs = routes.map((route) => turnCost({ route, card, tokensBefore, input }, factory));
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
  readonly input: EstimateInput;
}

function turnCost({ route, card, tokensBefore, input }: TurnQuestion, factory: AgentQuestion["factory"]) {
  const costing = factory.costing(route, card.id);
  const outputTokensMax = card.outputTokensMax;
  const wanted = FRAME_TOKENS + costing.estimateInputTokens(promptOf(route, card, input)) + tokensBefore;
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
  { request: { question, attachments = [] }, earlier }: EstimateInput,
): AgentRequest {
  const before = earlier === undefined ? [] : [earlier.question, earlier.answer ?? ""];
  const texts = [...before, question, ...attachments.map(({ name, text }) => `${name}\n${text}`)];
  return {
    system: "",
    history: [{ role: "user", parts: texts.map((text) => ({ type: "text", text })) }],
    newTurns: 1,
    sessionKey: "estimate",
    route,
    outputTokensMax: card.outputTokensMax,
  };
}
