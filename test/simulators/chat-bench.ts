// What the tests of both chat vendors say: a turn, a tool, a call of it, a request.
import type { JsonObject } from "../../src/domain/json.ts";
import { createHarness, GENERATING_PATHS, type Harness, type Reply } from "./harness.ts";

const MODELS = { deepseek: "deepseek-flash", openai: "gpt-4o" } as const;

export const say = (content: string): JsonObject => ({ role: "user", content });

export const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

/** A short question to one vendor; `change` replaces what it names. */
export function chatAsker(vendor: keyof typeof MODELS) {
  return (change: JsonObject = {}, harness: Harness = createHarness()): Promise<Reply> =>
    harness.post(vendor, GENERATING_PATHS[vendor], {
      model: MODELS[vendor],
      messages: [say("Is tea good?")],
      ...change,
    });
}
