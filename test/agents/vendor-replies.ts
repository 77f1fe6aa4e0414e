// Replies in the vendors' own grammar, from one description: what the tests of
// the wires feed to an injected fetch.

/** What the vendor says in one reply. */
export interface Say {
  readonly reasoning?: readonly string[];
  readonly text?: readonly string[];
  readonly call?: { readonly id: string; readonly name: string; readonly args: unknown };
  /** The vendor's own word; by default that of a good end. */
  readonly finish?: string;
  /** Cut before the end is said. */
  readonly cut?: true;
  /** An error frame of the vendor instead of an end. */
  readonly error?: unknown;
  /** Frames put in before the first content, verbatim. */
  readonly before?: string;
}

export interface VendorGrammar {
  /** Name of the vendor record. */
  readonly vendor: string;
  readonly model: string;
  stream(say: Say): string;
  json(say: Say): string;
}

/** What every reply below counts: 20 input, 5 of them cached; 12 output, 4 of them reasoning where there is some. */
export const COUNTED = { prompt: 20, cached: 5, output: 12, reasoning: 4 } as const;

const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

const claudeUsage = {
  input_tokens: COUNTED.prompt - COUNTED.cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: COUNTED.cached,
};

function claudeBlocks(say: Say): { start: object; deltas: object[]; whole: object }[] {
  const thinking = (say.reasoning ?? []).join("");
  const text = (say.text ?? []).join("");
  return [
    ...(say.reasoning === undefined
      ? []
      : [
          {
            start: { type: "thinking", thinking: "", signature: "" },
            deltas: [
              ...say.reasoning.map((piece) => ({ type: "thinking_delta", thinking: piece })),
              { type: "signature_delta", signature: "sig-1" },
            ],
            whole: { type: "thinking", thinking, signature: "sig-1" },
          },
        ]),
    ...(say.text === undefined
      ? []
      : [
          {
            start: { type: "text", text: "" },
            deltas: say.text.map((piece) => ({ type: "text_delta", text: piece })),
            whole: { type: "text", text },
          },
        ]),
    ...(say.call === undefined
      ? []
      : [
          {
            start: { type: "tool_use", id: say.call.id, name: say.call.name, input: {} },
            deltas: [
              { type: "input_json_delta", partial_json: "" },
              { type: "input_json_delta", partial_json: JSON.stringify(say.call.args) },
            ],
            whole: { type: "tool_use", id: say.call.id, name: say.call.name, input: say.call.args },
          },
        ]),
  ];
}

const claudeEnd = (say: Say): string => say.finish ?? (say.call === undefined ? "end_turn" : "tool_use");
const claudeOutput = { output_tokens: COUNTED.output, output_tokens_details: { thinking_tokens: COUNTED.reasoning } };

const anthropic: VendorGrammar = {
  vendor: "anthropic",
  model: "claude-opus-5-5",
  stream: (say) => {
    const message = { id: "msg_1", type: "message", role: "assistant", model: "claude-opus-5-5", content: [] };
    const usage = { ...claudeUsage, output_tokens: 1 };
    let text = sse({ type: "message_start", message: { ...message, stop_reason: null, usage } }, "message_start");
    text += sse({ type: "ping" }, "ping") + (say.before ?? "");
    claudeBlocks(say).forEach(({ start, deltas }, index) => {
      text += sse({ type: "content_block_start", index, content_block: start }, "content_block_start");
      for (const delta of deltas) text += sse({ type: "content_block_delta", index, delta }, "content_block_delta");
      if (say.cut === undefined && say.error === undefined)
        text += sse({ type: "content_block_stop", index }, "content_block_stop");
    });
    if (say.cut === true) return text;
    if (say.error !== undefined) return text + sse({ type: "error", error: say.error }, "error");
    const delta = { stop_reason: claudeEnd(say), stop_sequence: null };
    return (
      text +
      sse({ type: "message_delta", delta, usage: { ...claudeUsage, ...claudeOutput } }, "message_delta") +
      sse({ type: "message_stop" }, "message_stop")
    );
  },
  json: (say) =>
    JSON.stringify({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-5-5",
      content: claudeBlocks(say).map(({ whole }) => whole),
      stop_reason: claudeEnd(say),
      stop_sequence: null,
      usage: { ...claudeUsage, ...claudeOutput },
    }),
};

function geminiParts(say: Say): object[] {
  return [
    ...(say.reasoning ?? []).map((text) => ({ text, thought: true })),
    ...(say.text ?? []).map((text, index, all) =>
      index === all.length - 1 ? { text, thoughtSignature: "c2ln" } : { text },
    ),
    ...(say.call === undefined
      ? []
      : [{ functionCall: { name: say.call.name, args: say.call.args }, thoughtSignature: "c2ln" }]),
  ];
}

function geminiUsage(say: Say) {
  const thoughts = say.reasoning === undefined ? 0 : COUNTED.reasoning;
  return {
    promptTokenCount: COUNTED.prompt,
    cachedContentTokenCount: COUNTED.cached,
    candidatesTokenCount: COUNTED.output - thoughts,
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    totalTokenCount: COUNTED.prompt + COUNTED.output,
  };
}

const google: VendorGrammar = {
  vendor: "google",
  model: "gemini-3.8-flash",
  stream: (say) => {
    const frame = (data: unknown): string => `data: ${JSON.stringify(data)}\r\n\r\n`;
    const usageMetadata = { promptTokenCount: COUNTED.prompt };
    const frames = geminiParts(say).map((part) =>
      frame({ candidates: [{ content: { parts: [part], role: "model" }, index: 0 }], usageMetadata, responseId: "r1" }),
    );
    const start = (say.before ?? "") + frames.join("");
    if (say.cut === true) return start;
    if (say.error !== undefined) return start + frame({ error: say.error });
    const last = { content: { parts: [{ text: "" }], role: "model" }, finishReason: say.finish ?? "STOP", index: 0 };
    return start + frame({ candidates: [last], usageMetadata: geminiUsage(say), responseId: "r1" });
  },
  json: (say) =>
    JSON.stringify({
      candidates: [
        { content: { parts: geminiParts(say), role: "model" }, finishReason: say.finish ?? "STOP", index: 0 },
      ],
      usageMetadata: geminiUsage(say),
      responseId: "r1",
    }),
};

function chatUsage(say: Say) {
  return {
    prompt_tokens: COUNTED.prompt,
    completion_tokens: COUNTED.output,
    total_tokens: COUNTED.prompt + COUNTED.output,
    prompt_tokens_details: { cached_tokens: COUNTED.cached },
    prompt_cache_hit_tokens: COUNTED.cached,
    prompt_cache_miss_tokens: COUNTED.prompt - COUNTED.cached,
    completion_tokens_details: { reasoning_tokens: say.reasoning === undefined ? 0 : COUNTED.reasoning },
  };
}

const chatEnd = (say: Say): string => say.finish ?? (say.call === undefined ? "stop" : "tool_calls");

function chatDeltas(say: Say): object[] {
  const { call } = say;
  return [
    { role: "assistant", content: "" },
    ...(say.reasoning ?? []).map((piece) => ({ reasoning_content: piece })),
    ...(say.text ?? []).map((content) => ({ content })),
    ...(call === undefined
      ? []
      : [
          { tool_calls: [{ index: 0, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] },
          { tool_calls: [{ index: 0, function: { arguments: JSON.stringify(call.args) } }] },
        ]),
  ];
}

function chatJson(say: Say, model: string): string {
  const { call } = say;
  const message = {
    role: "assistant",
    content: say.text === undefined ? null : say.text.join(""),
    ...(say.reasoning === undefined ? {} : { reasoning_content: say.reasoning.join("") }),
    ...(call === undefined
      ? {}
      : {
          tool_calls: [
            {
              index: 0,
              id: call.id,
              type: "function",
              function: { name: call.name, arguments: JSON.stringify(call.args) },
            },
          ],
        }),
  };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: chatEnd(say) }];
  return JSON.stringify({ id: "c1", object: "chat.completion", created: 1, model, choices, usage: chatUsage(say) });
}

/** `usageApart`: OpenAI counts in a chunk of its own, DeepSeek in the last one. */
function chatGrammar(vendor: string, model: string, usageApart: boolean): VendorGrammar {
  const chunk = (choices: object[], usage: object | null): string =>
    sse({ id: "c1", object: "chat.completion.chunk", created: 1, model, choices, usage });
  return {
    vendor,
    model,
    json: (say) => chatJson(say, model),
    stream: (say) => {
      const frames = chatDeltas(say).map((delta) => chunk([{ index: 0, delta, finish_reason: null }], null));
      const start = (say.before ?? "") + frames.join("");
      if (say.cut === true) return start;
      if (say.error !== undefined) return start + sse({ error: say.error });
      const end = [{ index: 0, delta: { content: "" }, finish_reason: chatEnd(say) }];
      const usage = chatUsage(say);
      const last = usageApart ? chunk(end, null) + chunk([], usage) : chunk(end, usage);
      return `${start}${last}data: [DONE]\n\n`;
    },
  };
}

export const GRAMMARS = {
  anthropic,
  google,
  deepseek: chatGrammar("deepseek", "deepseek-flash", false),
  openai: chatGrammar("openai", "gpt-6.1-sol", true),
  compatible: chatGrammar("openai-compatible", "llama-3.3-70b", true),
  deepseekAnthropic: { ...anthropic, vendor: "deepseek-anthropic", model: "deepseek-v4-pro" },
} as const satisfies Record<string, VendorGrammar>;
