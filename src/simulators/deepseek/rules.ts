// What DeepSeek's chat completions refuse.
import { type ChatRequest, isObject, unpaired } from "../chat/messages.ts";
import { DEEPSEEK_OUTPUT_TOKENS_MAX } from "./models.ts";

export interface Objection {
  readonly status: 400 | 422;
  readonly message: string;
}

const USER_ID = /^[a-zA-Z0-9_-]{1,512}$/;

export function deepSeekObjection(request: ChatRequest, isThinking: boolean): Objection | undefined {
  const message =
    parameterObjection(request) ??
    turnObjection(request) ??
    pairObjection(request) ??
    (isThinking ? reasoningObjection(request) : undefined);
  return message === undefined ? invalidParameter(request) : { status: 400, message };
}

function parameterObjection({ raw, responseFormat, messages }: ChatRequest): string | undefined {
  const { max_tokens: maxTokens, n } = raw;
  if (typeof maxTokens === "number" && (maxTokens < 1 || maxTokens > DEEPSEEK_OUTPUT_TOKENS_MAX)) {
    return `Invalid max_tokens value, the valid range of max_tokens is [1, ${DEEPSEEK_OUTPUT_TOKENS_MAX}]`;
  }
  if (typeof n === "number" && n !== 1) return "Invalid n value (currently only n = 1 is supported)";
  if (responseFormat?.type === "json_schema") return "This response_format type is unavailable now";
  const saysJson = messages.some((message) => /json/i.test(message.text));
  if (responseFormat?.type === "json_object" && !saysJson) {
    return "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.";
  }
  return undefined;
}

/** Values of the right type that are out of their range are 422, not 400. */
function invalidParameter({ raw }: ChatRequest): Objection | undefined {
  const { temperature, top_p: topP, user_id: userId } = raw;
  if (typeof temperature === "number" && (temperature < 0 || temperature > 2))
    return { status: 422, message: "Invalid temperature value, the valid range of temperature is [0, 2]" };
  if (typeof topP === "number" && (topP <= 0 || topP > 1))
    return { status: 422, message: "Invalid top_p value, the valid range of top_p is (0, 1.0]" };
  if (typeof userId === "string" && !USER_ID.test(userId))
    return { status: 422, message: "Invalid user_id: it must match ^[a-zA-Z0-9_-]+$ and have at most 512 characters" };
  return undefined;
}

function turnObjection({ messages, tools }: ChatRequest): string | undefined {
  if (messages.length === 0) return "Empty input messages";
  const strict = tools.some((tool) => isObject(tool.function) && typeof tool.function.name !== "string");
  if (strict) return "Invalid tools: every function needs a name";
  const last = messages.at(-1);
  return last?.role === "assistant"
    ? "The last message of the conversation must not be from the assistant; prefix completion is only available on the beta base URL"
    : undefined;
}

function pairObjection({ messages }: ChatRequest): string | undefined {
  const wrong = unpaired(messages);
  if (wrong === undefined) return undefined;
  if (wrong.kind === "strayResult")
    return "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'";
  return "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)";
}

/** Only turns with tool calls must carry it back; an empty text will do. */
function reasoningObjection({ messages }: ChatRequest): string | undefined {
  const bare = messages.some(
    (message) => message.role === "assistant" && message.calls.length > 0 && message.reasoning === undefined,
  );
  return bare ? "The `reasoning_content` in the thinking mode must be passed back to the API." : undefined;
}
