// How many tokens a request takes: a best estimate that learns from what the
// vendors count, and an upper one for reservations.
import type { Route } from "../../domain/agent-card.ts";
import type { Part } from "../../domain/part.ts";
import { promptTokens, type TokenUsage } from "../../domain/usage.ts";
import type { AgentRequest, HistoryTurn } from "../agent.ts";
import type { ModelPolicy, TokenFamily } from "../policy.ts";
import { COUNTED_CHARS_MAX, tokensMaxOf } from "./token-bound.ts";
import type { TokenCounter } from "./token-count.ts";

export interface TokenEstimator {
  /** Best estimate of the prompt. */
  prompt(request: AgentRequest, policy: ModelPolicy): number;
  /** Upper estimate of the prompt, for reservations. */
  promptMax(request: AgentRequest, policy: ModelPolicy): number;
  /** Best estimate of a text that the model said. */
  text(text: string, policy: ModelPolicy): number;
  /** Learns from one counted call. */
  calibrate(request: AgentRequest, policy: ModelPolicy, usage: TokenUsage): void;
}

/** What formats add around the words: roles, separators, hidden instructions. */
const TOKENS_PER_REQUEST = 24;
const TOKENS_PER_TURN = 8;
const TOKENS_PER_TOOL = 40;
/** The widest 90 % band measured lies 25 % above the median. */
const MARGIN = 1.3;
const EWMA_WEIGHT = 0.2;
/** One strange count must not make all later reservations absurd. */
const RATIO_MIN = 0.5;
const RATIO_MAX = 4;
const MODELS_MAX = 1_000;
/** Upper estimates kept, as every turn resends the history. */
const LONG_TEXTS_MAX = 32;

export function createTokenEstimator(counter: TokenCounter): TokenEstimator {
  /** Counted over estimated, by vendor and model. */
  const ratios = new Map<string, number>();

  const remembered = new Map<string, number>();

  function longTextMax(text: string, family: TokenFamily): number {
    const key = `${family} ${text}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const bound = tokensMaxOf(text, (piece) => counter.count(piece, family));
    const oldest = remembered.keys().next();
    if (remembered.size >= LONG_TEXTS_MAX && oldest.done !== true) remembered.delete(oldest.value);
    remembered.set(key, bound);
    return bound;
  }

  function baseMax(request: AgentRequest, policy: ModelPolicy): number {
    const { tokenFamily } = policy;
    return base(request, (text) =>
      text.length > COUNTED_CHARS_MAX ? longTextMax(text, tokenFamily) : counter.count(text, tokenFamily),
    );
  }

  function base(request: AgentRequest, count: (text: string) => number): number {
    const { tools = [], answerFormat, history } = request;
    return (
      TOKENS_PER_REQUEST +
      count(request.system) +
      history.reduce(
        (sum, turn) => sum + TOKENS_PER_TURN + turnTexts(turn).reduce((all, text) => all + count(text), 0),
        0,
      ) +
      tools.reduce((sum, tool) => sum + TOKENS_PER_TOOL + count(JSON.stringify(tool)), 0) +
      (answerFormat === undefined ? 0 : TOKENS_PER_TOOL + count(JSON.stringify(answerFormat.schema)))
    );
  }

  const best = (request: AgentRequest, policy: ModelPolicy): number =>
    base(request, (text) => counter.count(text, policy.tokenFamily));
  const ratioOf = (route: Route): number => ratios.get(keyOf(route)) ?? 1;

  return {
    prompt: (request, policy) => Math.ceil(best(request, policy) * ratioOf(request.route)),
    // What was learned may raise a reservation, never lower it below the table's own factor.
    promptMax: (request, policy) => Math.ceil(baseMax(request, policy) * Math.max(1, ratioOf(request.route)) * MARGIN),
    text: (text, policy) => counter.count(text, policy.tokenFamily),
    calibrate(request, policy, usage) {
      const counted = promptTokens(usage);
      if (counted === 0) return;
      const observed = Math.min(RATIO_MAX, Math.max(RATIO_MIN, counted / best(request, policy)));
      const known = ratios.get(keyOf(request.route));
      if (known === undefined && ratios.size >= MODELS_MAX) return;
      ratios.set(keyOf(request.route), known === undefined ? observed : known + EWMA_WEIGHT * (observed - known));
    },
  };
}

function keyOf({ vendor, model }: Route): string {
  return `${vendor}/${model}`;
}

/** Opaque blocks repeat what the turn says, and add signatures. */
function turnTexts({ parts, opaque }: HistoryTurn): string[] {
  return opaque === undefined ? parts.map(textIn) : [JSON.stringify(opaque)];
}

function textIn(part: Part): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "reasoning":
      return "";
    case "attachment":
      return `${part.name} ${part.mediaType} ${part.text}`;
    case "data":
      return JSON.stringify(part.value);
    case "tool-call":
      return `${part.tool} ${JSON.stringify(part.input)}`;
    case "tool-result":
      return `${part.tool} ${JSON.stringify(part.output)}`;
  }
}
