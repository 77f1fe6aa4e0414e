// What OpenAI's chat completions refuse.
import { type ChatRequest, unpaired } from "../chat/messages.ts";
import type { OpenAiError } from "./errors.ts";
import type { OpenAiModel } from "./models.ts";

const SAMPLING = ["temperature", "top_p", "presence_penalty", "frequency_penalty"] as const;

export function openAiObjection(request: ChatRequest, model: OpenAiModel): OpenAiError | undefined {
  return (
    reasoningObjection(request, model) ??
    outputObjection(request, model) ??
    jsonObjection(request) ??
    toolObjection(request) ??
    turnObjection(request)
  );
}

function reasoningObjection({ raw, messages }: ChatRequest, model: OpenAiModel): OpenAiError | undefined {
  if (!model.isReasoning) {
    return raw.reasoning_effort === undefined
      ? undefined
      : { message: "Unrecognized request argument supplied: reasoning_effort" };
  }
  const system = messages.findIndex((message) => message.role === "system");
  if (!model.acceptsSystem && system >= 0) {
    const param = `messages[${system}].role`;
    return {
      message: `Unsupported value: '${param}' does not support 'system' with this model.`,
      param,
      code: "unsupported_value",
    };
  }
  if (typeof raw.max_tokens === "number") {
    return {
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      param: "max_tokens",
      code: "unsupported_parameter",
    };
  }
  const used = SAMPLING.find(
    (name) => typeof raw[name] === "number" && raw[name] !== (name.endsWith("penalty") ? 0 : 1),
  );
  return used === undefined
    ? undefined
    : { message: `Unsupported parameter: '${used}' is not supported with this model.`, param: used };
}

function outputObjection({ raw }: ChatRequest, model: OpenAiModel): OpenAiError | undefined {
  const param = typeof raw.max_tokens === "number" ? "max_tokens" : "max_completion_tokens";
  const wished = raw[param];
  if (typeof wished !== "number") return undefined;
  if (wished < 1)
    return {
      message: `Invalid '${param}': integer below minimum value. Expected a value >= 1, but got ${wished} instead.`,
      param,
      code: "integer_below_min_value",
    };
  if (wished <= model.outputTokensMax) return undefined;
  return {
    message: `${param} is too large: ${wished}. This model supports at most ${model.outputTokensMax} completion tokens, whereas you provided ${wished}.`,
    param,
    code: "invalid_value",
  };
}

function jsonObjection({ responseFormat, messages }: ChatRequest): OpenAiError | undefined {
  if (responseFormat?.type !== "json_object" || messages.some((message) => /json/i.test(message.text)))
    return undefined;
  return {
    message: "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    param: "messages",
  };
}

function toolObjection({ toolChoice, tools, raw }: ChatRequest): OpenAiError | undefined {
  if (raw.tool_choice !== undefined && tools.length === 0) {
    return {
      message: "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      param: "tool_choice",
    };
  }
  if (toolChoice.kind !== "named") return undefined;
  const isKnown = tools.some(
    (tool) => (tool.function as { readonly name?: unknown } | undefined)?.name === toolChoice.name,
  );
  return isKnown
    ? undefined
    : {
        message: `Invalid value for 'tool_choice': no function named '${toolChoice.name}' was specified in the 'tools' parameter.`,
        param: "tool_choice",
      };
}

function turnObjection({ messages }: ChatRequest): OpenAiError | undefined {
  if (messages.length === 0) {
    return {
      message:
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      param: "messages",
      code: "empty_array",
    };
  }
  const bare = messages.findIndex(
    (message) => message.role === "user" && (message.raw.content === null || message.raw.content === undefined),
  );
  if (bare >= 0)
    return {
      message: `Invalid value for 'content': expected a string, got null.`,
      param: `messages.[${bare}].content`,
    };
  const wrong = unpaired(messages);
  if (wrong === undefined) return undefined;
  if (wrong.kind === "strayResult") {
    return {
      message:
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      param: `messages.[${wrong.index}].role`,
    };
  }
  return {
    message: `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${wrong.ids.join(", ")}`,
    param: `messages.[${wrong.index + 1}].role`,
  };
}
