// Simulators in simulated time, with a short way to call each vendor.
import type { JsonObject, JsonValue } from "../../src/domain/json.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import { createSimulators } from "../../src/simulators/routing-fetch.ts";
import type { SimulatedVendor, SimulatorOptions, Simulators } from "../../src/simulators/simulator.ts";

export const BASE_URLS: Readonly<Record<SimulatedVendor, string>> = {
  anthropic: "https://api.anthropic.com",
  google: "https://generativelanguage.googleapis.com",
  deepseek: "https://api.deepseek.com",
  openai: "https://api.openai.com",
};

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into vendors' JSON.
  readonly json: any;
}

export interface Harness {
  readonly clock: VirtualClock;
  readonly simulators: Simulators;
  fetch(vendor: SimulatedVendor, path: string, init?: RequestInit): Promise<Response>;
  post(vendor: SimulatedVendor, path: string, body: JsonValue): Promise<Reply>;
  send(vendor: SimulatedVendor, path: string, init: RequestInit): Promise<Reply>;
  get(vendor: SimulatedVendor, path: string): Promise<Reply>;
}

export const KEY_HEADERS: Readonly<Record<SimulatedVendor, Record<string, string>>> = {
  anthropic: { "x-api-key": "key-one", "anthropic-version": "2023-06-01" },
  google: { "x-goog-api-key": "key-one" },
  deepseek: { authorization: "Bearer key-one" },
  openai: { authorization: "Bearer key-one" },
};

export function createHarness(options: Partial<SimulatorOptions> = {}): Harness {
  const clock = createVirtualClock();
  const simulators = createSimulators({ clock, seed: 1, ...options });
  const call = async (vendor: SimulatedVendor, path: string, init?: RequestInit): Promise<Response> =>
    simulators.fetch(`${BASE_URLS[vendor]}${path}`, {
      ...init,
      headers: {
        "content-type": "application/json",
        ...KEY_HEADERS[vendor],
        ...(init?.headers as Record<string, string>),
      },
    });
  const reply = async (response: Promise<Response>): Promise<Reply> =>
    clock.run(
      response.then(async (answered) => {
        const text = await answered.text();
        return { status: answered.status, text, headers: answered.headers, json: parsed(text) };
      }),
    );
  return {
    clock,
    simulators,
    fetch: call,
    post: (vendor, path, body) => reply(call(vendor, path, { method: "POST", body: JSON.stringify(body) })),
    send: (vendor, path, init) => reply(call(vendor, path, init)),
    get: (vendor, path) => reply(call(vendor, path)),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const GENERATING_PATHS: Readonly<Record<SimulatedVendor, string>> = {
  anthropic: "/v1/messages",
  google: "/v1beta/models/gemini-3.8-flash:generateContent",
  deepseek: "/chat/completions",
  openai: "/v1/chat/completions",
};

export const STREAMING_PATHS: Readonly<Record<SimulatedVendor, string>> = {
  ...GENERATING_PATHS,
  google: "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
};

/** One user turn in a vendor's own shape. */
export function askBody(vendor: SimulatedVendor, text: string, stream = false): JsonObject {
  if (vendor === "google") return { contents: [{ role: "user", parts: [{ text }] }] };
  const messages = [{ role: "user", content: text }];
  const extra = stream ? { stream: true } : {};
  if (vendor === "anthropic") return { model: "claude-sonnet-4-6", max_tokens: 1_000, messages, ...extra };
  return { model: vendor === "deepseek" ? "deepseek-flash" : "gpt-4o", messages, ...extra };
}

/** What the model said in a reply that was not streamed. */
export function saidBy(vendor: SimulatedVendor, { json }: Reply): string {
  if (vendor === "anthropic") return (json.content as JsonObject[]).map((block) => String(block.text ?? "")).join("");
  if (vendor === "google")
    return (json.candidates[0].content.parts as JsonObject[]).map((part) => String(part.text ?? "")).join("");
  return String(json.choices[0].message.content);
}

/** The `data:` objects of a stream of events; the `[DONE]` of some vendors is left out. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into vendors' JSON.
export function eventsOf(text: string): any[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data: ") && line !== "data: [DONE]")
    .map((line) => JSON.parse(line.slice(6)));
}
