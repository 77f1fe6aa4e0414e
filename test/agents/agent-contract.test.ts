// Every agent that speaks by HTTP, over every wire, and the scripted one.
import { createScriptedAgent } from "../../src/agents/scripted/scripted-agent.ts";
import { scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import type { ScriptedStep } from "../../src/agents/scripted/scripted-step.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import { describeAgentContract, type Scene } from "../contracts/agent-contract.ts";
import { createBench, jsonReply, requestFor, stallingReply, streamReply } from "./model-agent-bench.ts";
import { GRAMMARS, type Say, type VendorGrammar } from "./vendor-replies.ts";

const SAYS: Readonly<Record<Exclude<Scene, "fails-early" | "hangs">, Say>> = {
  answers: { text: ["Yes, ", "it is."] },
  thinks: { reasoning: ["Two has ", "two divisors."], text: ["Yes, it is."] },
  "calls-tool": { call: { id: "call_1", name: "look", args: { at: 1 } } },
  "fails-midway": {
    text: ["Half"],
    error: { type: "overloaded_error", message: "Overloaded", code: 503, status: "UNAVAILABLE" },
  },
};
const SIMULATED = { "x-polylogue-simulated": "true" };

function stageOf(grammar: VendorGrammar, stream: boolean) {
  return (scene: Scene) => {
    const { agent, clock } = createBench(
      async (_url, init) => {
        if (scene === "hangs") return stallingReply("", init?.signal);
        if (scene === "fails-early") return jsonReply('{"error":{"message":"busy"}}', 503, SIMULATED);
        if (scene === "fails-midway" || stream) return streamReply(grammar.stream(SAYS[scene]), SIMULATED);
        return jsonReply(grammar.json(SAYS[scene]), 200, SIMULATED);
      },
      { simulated: true },
    );
    const request = requestFor(grammar, { stream: scene === "fails-midway" ? true : stream });
    return { agent, clock, request };
  };
}

for (const [name, grammar] of Object.entries(GRAMMARS)) {
  const showsReasoning = name !== "openai";
  describeAgentContract({ name: `${name}, streamed`, stage: stageOf(grammar, true), showsReasoning });
  describeAgentContract({ name: `${name}, whole`, stage: stageOf(grammar, false), showsReasoning });
}

const STEPS: Readonly<Record<Scene, ScriptedStep>> = {
  answers: "Yes, it is.",
  thinks: {
    parts: [
      { type: "reasoning", text: "Two has two divisors." },
      { type: "text", text: "Yes, it is." },
    ],
  },
  "calls-tool": { parts: [{ type: "tool-call", callId: "call_1", tool: "look", input: { at: 1 } }] },
  "fails-early": { failure: { class: "capacity", code: "VENDOR_CAPACITY", reason: "busy" } },
  "fails-midway": {
    failure: { class: "capacity", code: "VENDOR_CAPACITY", reason: "busy" },
    partial: [{ type: "text", text: "Half" }],
  },
  hangs: { hang: true },
};

describeAgentContract({
  name: "scripted",
  showsReasoning: true,
  stage: (scene) => {
    const clock = createVirtualClock();
    const agent = createScriptedAgent({ card: scriptedCard("a"), otherwise: STEPS[scene], clock });
    return { agent, clock, request: requestFor({ vendor: "scripted", model: "a-1" }) };
  },
});
