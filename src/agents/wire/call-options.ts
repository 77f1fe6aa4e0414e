// Request and policy to the provider library's call: what a model refuses is
// left out here, so it is never sent.
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ToolChoice,
} from "@ai-sdk/provider";
import type { AgentRequest, ToolOffer } from "../agent.ts";
import type { ModelPolicy } from "../policy.ts";
import { promptOf } from "./prompt.ts";
import type { Wire } from "./wire.ts";

type Schema = LanguageModelV4FunctionTool["inputSchema"];

export function callOptionsOf(request: AgentRequest, policy: ModelPolicy, wire: Wire): LanguageModelV4CallOptions {
  const { tools = [], temperature, seed } = request;
  return {
    prompt: promptOf(request, policy, wire),
    maxOutputTokens: Math.min(request.outputTokensMax, policy.outputTokensMax ?? Number.POSITIVE_INFINITY),
    providerOptions: wire.providerOptions(request, policy),
    ...(temperature === undefined || policy.sampling === "refused" ? {} : { temperature }),
    ...(seed === undefined || policy.seed === "refused" ? {} : { seed }),
    ...(tools.length === 0 ? {} : { tools: tools.map(functionTool), toolChoice: toolChoiceOf(request, policy) }),
    ...responseFormatOf(request, policy),
  };
}

function functionTool({ name, description, inputSchema }: ToolOffer): LanguageModelV4FunctionTool {
  return { type: "function", name, description, inputSchema: inputSchema as Schema };
}

function toolChoiceOf({ toolChoice = "auto" }: AgentRequest, policy: ModelPolicy): LanguageModelV4ToolChoice {
  const isRefused = toolChoice === "required" && policy.forcedToolChoice === "refused";
  return { type: isRefused ? "auto" : toolChoice };
}

function responseFormatOf(
  { answerFormat }: AgentRequest,
  policy: ModelPolicy,
): Pick<LanguageModelV4CallOptions, "responseFormat"> {
  if (answerFormat === undefined || policy.json === "words") return {};
  return { responseFormat: { type: "json", name: answerFormat.name, schema: answerFormat.schema as Schema } };
}
