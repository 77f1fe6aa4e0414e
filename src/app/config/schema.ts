// The grammar of polylogue.yaml. Every key is known or an error; editors get the
// same grammar as JSON Schema.
import { z } from "zod";
import { AGENT_ID_PATTERN, COORDINATOR, USER } from "../../domain/ids.ts";
import { looksLikeSecret } from "../../platform/redaction.ts";
import { WIRE_NAMES } from "./config.ts";

const name = z
  .string()
  .regex(
    AGENT_ID_PATTERN,
    "must be 1 to 64 lower-case letters, digits, '-', '_' or '.', starting with a letter or digit",
  );

const agentId = name.refine(
  (id) => id !== COORDINATOR && id !== USER,
  "stands for the program or the person; choose another",
);

/** A key pasted where a variable's name belongs is refused, and never echoed. */
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be the name of an environment variable, never the key itself")
  .refine((value) => !looksLikeSecret(value), "must be the name of an environment variable, never the key itself");

const usd = z.number().min(0).max(1_000_000);
/** Of 0 nothing could be asked at all; `--budget` refuses it too. */
const usdAboveZero = z.number().positive().max(1_000_000);
const timeoutMs = z.int().min(1).max(86_400_000);
const tokens = z.int().min(1).max(100_000_000);
const url = z.url({ protocol: /^https?$/, error: "must be a URL that starts with http:// or https://" });

const route = z
  .strictObject({
    vendor: z.string().min(1),
    model: z.string().min(1),
    key: variableName.optional().describe("Name of the environment variable with the key of this route."),
  })
  .describe("One way to a model.");

const agent = z
  .strictObject({
    vendor: z.string().min(1).describe("A built-in vendor, or one of `vendors`."),
    model: z.string().min(1).describe("The model's id at that vendor."),
    name: z.string().min(1).max(64).describe("Display name; the id unless told."),
    description: z.string().max(1_000),
    skills: z.array(z.string().min(1).max(64)).max(64).describe("What it can be asked for by skill."),
    routes: z.array(route).max(8).describe("Further ways to an answer, in order; used only with `fallback: true`."),
    fallback: z
      .boolean()
      .describe(
        "Whether another route may answer in this agent's name. The answer then says so, and the result is degraded.",
      ),
    limits: z
      .strictObject({
        requestsPerMinuteMax: z.int().min(1),
        tokensPerMinuteMax: z.int().min(1),
        concurrencyMax: z.int().min(1),
      })
      .partial(),
    outputTokensMax: tokens.describe("Largest answer, in tokens; 8,192 unless told."),
    contextTokensMax: tokens.describe("Its window, prompt and answer together, where the vendor does not tell."),
    quality: z.number().min(0).max(1).describe("Relative quality for selection by skill; 0.5 unless told."),
    key: variableName.describe("Name of the environment variable with this agent's own key."),
  })
  .partial();

const price = z.strictObject({
  inputUsdPerMillion: usd,
  outputUsdPerMillion: usd,
  cacheReadUsdPerMillion: usd.optional(),
  cacheWriteUsdPerMillion: usd.optional(),
});

const vendor = z
  .strictObject({
    baseUrl: url.describe("Where its API is; needed for a server of your own."),
    proxy: url.describe("HTTP proxy for all calls to this vendor."),
    keyEnv: variableName.describe("Name of the environment variable with its key."),
    keyFile: z.string().min(1).describe("A file of mode 0600 with its key; relative to this file."),
    wire: z
      .enum(WIRE_NAMES)
      .describe(
        "Makes this a vendor of its own: a server that speaks this format (Ollama, vLLM, LM Studio: openai-compatible-chat).",
      ),
    prices: z.record(z.string().min(1), price).describe("Prices by model, in USD for a million tokens."),
  })
  .partial();

/** One layer of the configuration: any part may be left out. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe("For editors."),
    agents: z.record(agentId, agent).optional().describe("Who can be asked, by id."),
    vendors: z.record(name, vendor).optional().describe("How vendors are reached, by name."),
    budgets: z
      .strictObject({
        turnUsd: usd.describe("Hard limit for one turn."),
        agentUsd: usd.describe("Hard limit for one agent in one conversation."),
        conversationUsd: usdAboveZero.describe("Hard limit for one conversation; 1 unless told."),
        dayUsd: usd.describe("Hard limit for a day (UTC) over the whole home."),
      })
      .partial()
      .optional(),
    ask: z
      .strictObject({
        with: z.array(z.string().min(1)).min(1).max(64).describe("Agents that are asked, or `vendor:model`."),
        as: z.string().min(1).describe("How they talk: debate, council, vote …"),
      })
      .partial()
      .optional()
      .describe("Defaults of `polylogue ask`."),
    selection: z
      .strictObject({ strategy: z.enum(["score", "round-robin"]) })
      .partial()
      .optional()
      .describe("How one of several agents with a skill is chosen."),
    timeouts: z
      .strictObject({
        firstContentMs: timeoutMs.describe("From a request to the first content of its answer."),
        betweenContentsMs: timeoutMs.describe("Longest silence inside an answer."),
        callMs: timeoutMs.describe("One call of a model, to the end of its answer."),
        turnMs: timeoutMs.describe("One turn of an agent, with all its calls and the waits between them."),
        conversationMs: timeoutMs.describe("A whole conversation."),
        drainMs: timeoutMs.describe("How long running turns may go on after a cancel or a signal."),
      })
      .partial()
      .optional(),
  })
  .describe("Configuration of Polylogue: polylogue.yaml.");

/** What editors are given, JSON Schema draft 2020-12, as the text of its file. */
export function configSchemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(configSchema, { target: "draft-2020-12" }), null, 2)}\n`;
}
