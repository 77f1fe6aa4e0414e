// The DeepSeek API: chat completions, the Anthropic endpoint, models, balance.
import { claudeError, claudeFailure } from "../anthropic/errors.ts";
import { errorFrame as claudeErrorFrame } from "../anthropic/reply.ts";
import type { SimulatorOptions, VendorSimulator } from "../simulator.ts";
import type { Answer, Incoming, VendorGrammar } from "../vendor-grammar.ts";
import { createVendorRuntime } from "../vendor-runtime.ts";
import { answerChat } from "./chat.ts";
import { answerClaude } from "./claude-facade.ts";
import { deepSeekError, deepSeekFailure, rateReached, unauthorised } from "./errors.ts";
import { DEEPSEEK_MODELS } from "./models.ts";

const CLAUDE_PATH = "/anthropic/v1/messages";
const CHAT_PATHS = ["/chat/completions", "/v1/chat/completions", "/beta/chat/completions"];

export function createDeepSeekSimulator(options: SimulatorOptions): VendorSimulator {
  return createVendorRuntime(DEEPSEEK, options);
}

const DEEPSEEK: VendorGrammar = {
  name: "deepseek",
  baseUrl: "https://api.deepseek.com",
  // A bearer token wins over Anthropic's header.
  keyOf: (headers) => headers.get("authorization")?.replace(/^Bearer /, "") ?? headers.get("x-api-key") ?? undefined,
  unauthorised: (key, { path, ids }) =>
    path === CLAUDE_PATH
      ? claudeError(401, { message: "Authentication Fails, Your api key is invalid", ids })
      : unauthorised(key),
  isGenerating: (method, path) => method === "POST" && (path === CLAUDE_PATH || CHAT_PATHS.includes(path)),
  answer,
  failure: (fault, facts, path) => (path === CLAUDE_PATH ? claudeFailure(fault, facts) : deepSeekFailure(fault, facts)),
  rateLimited: (_, facts, path) => (path === CLAUDE_PATH ? claudeFailure("rate429Silent", facts) : rateReached()),
  // DeepSeek publishes no limits but concurrency, and tells no state of it.
  rateHeaders: () => ({}),
  replyHeaders: (ids) => ({ "x-ds-trace-id": ids.token(32, "0123456789abcdef") }),
  errorFrame: (path) =>
    path === CLAUDE_PATH
      ? claudeErrorFrame("overloaded_error", "Service is too busy")
      : `data: ${JSON.stringify({ error: { message: "Service is too busy. Please try again later.", type: "service_unavailable_error", param: null, code: "service_unavailable" } })}\n\n`,
};

function answer(incoming: Incoming): Answer {
  const { method, path } = incoming;
  if (method === "POST" && path === CLAUDE_PATH) return answerClaude(incoming);
  if (method === "POST" && CHAT_PATHS.includes(path)) return answerChat(incoming);
  if (method === "GET" && (path === "/models" || path === "/v1/models"))
    return { kind: "plain", reply: { status: 200, body: MODEL_LIST } };
  if (method === "GET" && path === "/user/balance") return { kind: "plain", reply: { status: 200, body: BALANCE } };
  return { kind: "plain", reply: deepSeekError(404, { message: `Not Found: ${method} ${path}` }) };
}

const MODEL_LIST = {
  object: "list",
  data: DEEPSEEK_MODELS.filter((model) => model.isListed).map((model) => ({
    id: model.id,
    object: "model",
    owned_by: "deepseek",
  })),
};

const BALANCE = {
  is_available: true,
  balance_infos: [{ currency: "USD", total_balance: "110.00", granted_balance: "10.00", topped_up_balance: "100.00" }],
};
