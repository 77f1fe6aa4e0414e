// The whole way once: agent, real HTTP on the loopback interface, compressed and
// in small pieces, through the platform's own fetch.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { AgentEvent, AgentRequest } from "../../src/agents/agent.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createHttpFetch } from "../../src/platform/http-fetch.ts";
import { verifies } from "../requirements.ts";
import { createBench, requestFor } from "./model-agent-bench.ts";
import { GRAMMARS, type VendorGrammar } from "./vendor-replies.ts";

async function eventsOver(grammar: VendorGrammar, more: Partial<AgentRequest>): Promise<AgentEvent[]> {
  const say = { reasoning: ["Hm."], text: ["Größe: ", "✓"] };
  const server = createServer((_request, response) => {
    const isStream = more.stream === true;
    const bytes = gzipSync(isStream ? grammar.stream(say) : grammar.json(say));
    response.writeHead(200, {
      "content-type": isStream ? "text/event-stream" : "application/json",
      "content-encoding": "gzip",
    });
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const http = createHttpFetch();
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { agent } = createBench(http.fetch, { baseUrls: { [grammar.vendor]: baseUrl }, clock: createSystemClock() });
    const events: AgentEvent[] = [];
    for await (const event of agent.call(requestFor(grammar, more), { signal: new AbortController().signal }))
      events.push(event);
    return events;
  } finally {
    await http.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe.each([GRAMMARS.anthropic, GRAMMARS.google, GRAMMARS.deepseek, GRAMMARS.openai])("$vendor", (grammar) => {
  it.each([true, false])("answers over HTTP (streamed: %s)", async (stream) => {
    verifies("R2.2");
    expect((await eventsOver(grammar, { stream })).at(-1)).toMatchObject({
      type: "done",
      finishReason: "stop",
      usageEstimated: false,
      simulated: false,
      parts: expect.arrayContaining([{ type: "text", text: "Größe: ✓" }]),
    });
  });
});
