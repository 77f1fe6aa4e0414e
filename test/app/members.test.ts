// Names of agents, vendors and models; keys and where they come from.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONFIG_DEFAULTS } from "../../src/app/config/defaults.ts";
import { findKey } from "../../src/app/keys.ts";
import { resolveMember } from "../../src/app/members.ts";
import { BUILT_IN_VENDORS, vendorRecords } from "../../src/app/vendor-records.ts";
import { isAgentId } from "../../src/domain/ids.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const OWN = { "my-box": { wire: "openai-compatible-chat", baseUrl: "http://127.0.0.1:11434/v1/" } } as const;

function record(name: string, vendors = {}) {
  const found = vendorRecords({ vendors }).get(name);
  if (found === undefined) throw new Error(`no vendor ${name}`);
  return found;
}

describe("members", () => {
  it("are agents, vendors by name, or vendor:model", () => {
    expect(resolveMember("gemini", CONFIG_DEFAULTS)).toMatchObject({ id: "gemini", vendor: "google" });
    expect(resolveMember("google", CONFIG_DEFAULTS)).toMatchObject({ id: "gemini", vendor: "google" });
    expect(resolveMember("openai:GPT/x 1", CONFIG_DEFAULTS)).toEqual({
      id: "openai-gpt-x-1",
      vendor: "openai",
      model: "GPT/x 1",
      name: "GPT/x 1",
    });
    expect(resolveMember("my-box:llama4:8b", { ...CONFIG_DEFAULTS, vendors: OWN })).toMatchObject({
      vendor: "my-box",
      model: "llama4:8b",
    });
  });

  it.each([
    ["cluade", "Did you mean claude?"],
    ["toString", "There are: "],
    ["gogle:x", "There is no vendor gogle. Did you mean google?"],
    ["openai:", "There is no agent openai:"],
    [":x", "There is no agent :x"],
  ])("%s is unknown: %s", (name, hint) => {
    expect(() => resolveMember(name, CONFIG_DEFAULTS)).toThrow(
      expect.objectContaining({ code: "AGENT_UNKNOWN", message: expect.stringContaining(hint) as string }) as Error,
    );
  });

  it("an agent made for a model always has a lawful id", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (model) => {
        expect(isAgentId(resolveMember(`google:${model}`, CONFIG_DEFAULTS).id)).toBe(true);
      }),
      { seed: 2 },
    );
  });
});

describe("vendors", () => {
  it("are the built-in ones, with what the user changed", () => {
    expect(record("anthropic")).toEqual(BUILT_IN_VENDORS.get("anthropic"));
    const changed = record("anthropic", { anthropic: { baseUrl: "http://127.0.0.1:1/v1//", keyEnv: "MINE" } });
    expect(changed).toMatchObject({ baseUrl: "http://127.0.0.1:1/v1", keyEnv: ["MINE"], pricedAs: "anthropic" });
  });

  it("of one's own speak a known format, at nobody's prices", () => {
    expect(record("my-box", OWN)).toMatchObject({
      name: "my-box",
      wire: "openai-compatible-chat",
      baseUrl: "http://127.0.0.1:11434/v1",
      keyRequired: false,
      pricedAs: undefined,
    });
    expect(record("lab", { lab: { wire: "anthropic-messages", keyEnv: "LAB" } })).toMatchObject({
      wire: "anthropic-messages",
      keyEnv: ["LAB"],
      keyRequired: true,
    });
    expect(vendorRecords({ vendors: { odd: {} } }).has("odd")).toBe(false);
  });
});

describe("keys", () => {
  it("come from the first variable that is set, then from the vendor's file", async () => {
    const file = join(temporaryFolder(), "key");
    writeFileSync(file, "from-file", { mode: 0o600 });
    const config = { vendors: { google: { keyFile: file } } };
    const google = { record: record("google") };
    expect(await findKey(google, config, { GOOGLE_API_KEY: "second" })).toEqual({
      state: "set",
      value: "second",
      where: "GOOGLE_API_KEY",
    });
    expect(await findKey(google, config, {})).toEqual({ state: "set", value: "from-file", where: file });
  });

  it("of a route's own name never fall back to the vendor's", async () => {
    const wanted = { record: record("google"), key: "TEAM_KEY" };
    const state = await findKey(wanted, { vendors: {} }, { GEMINI_API_KEY: "x" });
    expect(state).toMatchObject({ state: "missing", reason: expect.stringContaining("TEAM_KEY") as string });
  });

  it("are not asked of a server that wants none", async () => {
    const state = await findKey({ record: record("my-box", OWN) }, { vendors: OWN }, {});
    expect(state).toEqual({ state: "not needed" });
  });

  it("that are missing are named, with where to get one", async () => {
    const state = await findKey({ record: record("anthropic") }, { vendors: {} }, {});
    expect(state).toEqual({
      state: "missing",
      reason: "There is no key for Anthropic: ANTHROPIC_API_KEY is not set.",
      mend: "Set ANTHROPIC_API_KEY (get a key at https://platform.claude.com/settings/keys), or try without keys: --simulated.",
    });
    const own = { lab: { wire: "anthropic-messages", keyEnv: "LAB" } } as const;
    const ownState = await findKey({ record: record("lab", own) }, { vendors: own }, {});
    expect(ownState).toMatchObject({ mend: "Set LAB, or try without keys: --simulated." });
  });
});
