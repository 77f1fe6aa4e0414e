// The configuration: layers, their origins, and errors that say where and what was meant.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConfigInput, LoadedConfig } from "../../../src/app/config/config.ts";
import { explainConfig } from "../../../src/app/config/explain.ts";
import { loadConfig } from "../../../src/app/config/load-config.ts";
import { configSchemaText } from "../../../src/app/config/schema.ts";
import type { Orchestration } from "../../../src/conversations/orchestration.ts";
import { ORCHESTRATIONS } from "../../../src/conversations/orchestrations/list.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** A project with its file, and a user with hers. */
function place(files: { project?: string; user?: string }) {
  const root = temporaryFolder();
  const folder = join(root, "project");
  const user = join(root, "user");
  mkdirSync(join(user, ".config/polylogue"), { recursive: true });
  mkdirSync(folder);
  const project = join(folder, "polylogue.yaml");
  const userFile = join(user, ".config/polylogue/polylogue.yaml");
  if (files.project !== undefined) writeFileSync(project, files.project);
  if (files.user !== undefined) writeFileSync(userFile, files.user);
  return { folder, project, userFile, environment: { HOME: user } };
}

function origin(loaded: Pick<LoadedConfig, "entries">, path: string) {
  const entry = loaded.entries.find((candidate) => candidate.path === path);
  return [entry?.value, entry?.origin.source, entry?.origin.where];
}

async function refusal(project: string, environment: Record<string, string> = {}): Promise<string> {
  const at = place({ project });
  const refused = await loadConfig({ folder: at.folder, environment: { ...at.environment, ...environment } }).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ name: "PolylogueError", mend: expect.any(String) as string });
  const { code, message } = refused as { code: string; message: string };
  return `${code} ${message.replaceAll(`${at.folder}/`, "")}`;
}

describe("configuration", () => {
  it("without any file has seven agents of four vendors and seven models", async () => {
    const at = place({});
    const { config, files } = await loadConfig(at);
    const agents = Object.values(config.agents);
    expect(agents).toHaveLength(7);
    expect(new Set(agents.map(({ vendor }) => vendor)).size).toBe(4);
    expect(new Set(agents.map(({ model }) => model)).size).toBe(7);
    expect(config.ask).toEqual({ with: ["claude", "gemini", "deepseek"], as: "debate" });
    expect(config.budgets).toEqual({ conversationUsd: 1 });
    expect(files).toEqual([]);
  });

  it("lets flags win over the environment, the project, the user and the defaults", async () => {
    const at = place({
      user: "budgets:\n  conversationUsd: 2\n  turnUsd: 0.2\n  dayUsd: 9\n",
      project: "budgets:\n  conversationUsd: 3\n  turnUsd: 0.3\nask:\n  as: vote\n",
    });
    const environment = { ...at.environment, POLYLOGUE_BUDGETS_CONVERSATION_USD: "4", POLYLOGUE_ASK_AS: "" };
    const flags: ConfigInput = { selection: { strategy: "round-robin" } };
    const loaded = await loadConfig({ folder: at.folder, environment, config: flags });
    expect(origin(loaded, "selection.strategy")).toEqual(["round-robin", "flag", null]);
    expect(origin(loaded, "budgets.conversationUsd")).toEqual([4, "environment", "POLYLOGUE_BUDGETS_CONVERSATION_USD"]);
    expect(origin(loaded, "budgets.turnUsd")).toEqual([0.3, "project file", `${at.project}:3`]);
    expect(origin(loaded, "ask.as")).toEqual(["vote", "project file", `${at.project}:5`]);
    expect(origin(loaded, "budgets.dayUsd")).toEqual([9, "user file", `${at.userFile}:4`]);
    expect(origin(loaded, "timeouts.callMs")).toEqual([600_000, "default", null]);
    expect(origin(loaded, "timeouts.turnMs")).toEqual([1_800_000, "default", null]);
    expect(loaded.config.budgets).toEqual({ conversationUsd: 4, turnUsd: 0.3, dayUsd: 9 });
    expect(loaded.files).toEqual([at.project, at.userFile]);
  });

  it("every value comes from the strongest layer that says it", async () => {
    const budget = fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined });
    const yaml = (value: number | undefined) => (value === undefined ? "" : `budgets: { dayUsd: ${value} }`);
    await fc.assert(
      fc.asyncProperty(fc.tuple(budget, budget, budget, budget), async ([flag, variable, project, user]) => {
        const at = place({ project: yaml(project), user: yaml(user) });
        const { config } = await loadConfig({
          folder: at.folder,
          environment: {
            ...at.environment,
            ...(variable === undefined ? {} : { POLYLOGUE_BUDGETS_DAY_USD: `${variable}` }),
          },
          ...(flag === undefined ? {} : { config: { budgets: { dayUsd: flag } } }),
        });
        expect(config.budgets.dayUsd).toBe(flag ?? variable ?? project ?? user);
      }),
      { seed: 5, numRuns: 40 },
    );
  });

  it("an agent that names its vendor is new; one that does not changes the built-in one", async () => {
    const at = place({
      project: "agents:\n  claude: { vendor: openai, model: gpt-6-luna }\n  gemini: { fallback: true, quality: 0.3 }\n",
    });
    const loaded = await loadConfig(at);
    expect(loaded.config.agents.claude).toEqual({ vendor: "openai", model: "gpt-6-luna" });
    expect(loaded.config.agents.gemini).toMatchObject({ vendor: "google", fallback: true, quality: 0.3 });
    expect(origin(loaded, "ask.with")).toEqual([["claude"], "default", "the agents you defined"]);
  });

  it("reads lists and vendors from variables", async () => {
    const at = place({
      project: "vendors: { my-box: { wire: openai-compatible-chat, baseUrl: 'http://127.0.0.1:1/v1' } }",
    });
    const { config } = await loadConfig({
      folder: at.folder,
      environment: {
        ...at.environment,
        POLYLOGUE_ASK_WITH: "openai, claude",
        POLYLOGUE_VENDORS_ANTHROPIC_BASE_URL: "http://127.0.0.1:2/v1",
        POLYLOGUE_VENDORS_MY_BOX_PROXY: "http://127.0.0.1:3",
      },
    });
    expect(config.ask.with).toEqual(["openai", "claude"]);
    expect(config.vendors).toEqual({
      anthropic: { baseUrl: "http://127.0.0.1:2/v1" },
      "my-box": { wire: "openai-compatible-chat", baseUrl: "http://127.0.0.1:1/v1", proxy: "http://127.0.0.1:3" },
    });
  });

  it("takes the file that is named, by option or variable, and nothing else for the project", async () => {
    const at = place({ project: "ask: { as: vote }" });
    writeFileSync(join(at.folder, "other.yaml"), "ask: { as: council }\n");
    const named = await loadConfig({ ...at, configFile: "other.yaml" });
    expect([named.config.ask.as, named.files]).toEqual(["council", [join(at.folder, "other.yaml")]]);
    const environment = { ...at.environment, POLYLOGUE_CONFIG: "other.yaml" };
    expect((await loadConfig({ folder: at.folder, environment })).config.ask.as).toBe("council");
    await expect(loadConfig({ ...at, configFile: "none.yaml" })).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
  });

  it("reads a file once that is both the project's and the user's", async () => {
    const at = place({ user: "ask: { as: vote }" });
    const loaded = await loadConfig({
      folder: join(at.environment.HOME, ".config/polylogue"),
      environment: at.environment,
    });
    expect(loaded.files).toEqual([at.userFile]);
    expect(origin(loaded, "ask.as")).toEqual(["vote", "project file", `${at.userFile}:1`]);
  });

  it("needs no file, no HOME and no variable", async () => {
    const loaded = await loadConfig({ folder: temporaryFolder(), environment: {} });
    expect(loaded.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(loaded.entries.map((entry) => entry.origin.source))).toEqual(new Set(["default"]));
  });

  it("has one hash for one meaning", async () => {
    const hash = async (project: string) => (await loadConfig(place({ project }))).hash;
    expect(await hash("ask: { as: vote }\nbudgets: { turnUsd: 1 }")).toBe(
      await hash("# the same\nbudgets:\n  turnUsd: 1\nask:\n  as: vote\n"),
    );
    expect(await hash("ask: { as: vote }")).not.toBe(await hash("ask: { as: council }"));
  });
});

describe("a wrong configuration", () => {
  it("names each unknown key with its line and what was meant", async () => {
    const text = await refusal(
      "agents:\n  claude:\n    modle: x\n    limits:\n      concurencyMax: 2\nbudget:\n  turnUsd: 1\nvendors:\n  google:\n    prices: { m: { inputUsd: 1 } }\n",
    );
    expect(text).toContain("CONFIG_INVALID polylogue.yaml is not valid.");
    expect(text).toContain("polylogue.yaml:3: agents.claude.modle: unknown key. Did you mean model?");
    expect(text).toContain(
      "polylogue.yaml:5: agents.claude.limits.concurencyMax: unknown key. Did you mean concurrencyMax?",
    );
    expect(text).toContain("polylogue.yaml:6: budget: unknown key. Did you mean budgets?");
    expect(text).toContain("polylogue.yaml:10: vendors.google.prices.m.inputUsd: unknown key.");
  });

  it("names an unknown key of a list's element", async () => {
    const routes =
      "agents:\n  claude:\n    routes:\n      - { vendor: google, model: m }\n      - { vendr: google, model: m }\n";
    expect(await refusal(routes)).toContain(
      "polylogue.yaml:5: agents.claude.routes.1.vendr: unknown key. Did you mean vendor?",
    );
  });

  it.each([
    ["budgets: { turnUsd: much }", "polylogue.yaml:1: budgets.turnUsd: "],
    ["budgets: { turnUsd: -1 }", "polylogue.yaml:1: budgets.turnUsd: "],
    ["selection: { strategy: best }", "polylogue.yaml:1: selection.strategy: "],
    ["vendors: { google: { baseUrl: 'ftp://x' } }", "vendors.google.baseUrl: must be a URL"],
    ["agents: { Claude: { model: x } }", "agents.Claude: this name must be 1 to 64 lower-case"],
    ["agents: { user: { vendor: google, model: m } }", "stands for the program or the person"],
    ["just text", "the whole: "],
    ["a: [1", "polylogue.yaml:1: this is not YAML"],
    ["ask: { as: x }\nask: { as: y }", "polylogue.yaml:2: this is not YAML"],
    ["agents: { new: { vendor: google } }", "CONFIG_INVALID polylogue.yaml:1: agents.new has no model."],
    ["agents: { new: { model: m } }", "CONFIG_INVALID polylogue.yaml:1: agents.new has no vendor."],
    [
      "agents:\n  new: { vendor: gogle, model: m }",
      "VENDOR_UNKNOWN polylogue.yaml:2: agents.new: there is no vendor gogle. Did you mean google?",
    ],
    [
      "agents: { claude: { routes: [{ vendor: x9, model: m }] } }",
      "VENDOR_UNKNOWN polylogue.yaml:1: agents.claude: there is no vendor x9.",
    ],
    [
      "vendors:\n  antropic: { keyEnv: K }",
      "VENDOR_UNKNOWN polylogue.yaml:2: vendors.antropic: there is no built-in vendor antropic. Did you mean anthropic?",
    ],
    ["vendors: { google: { wire: openai-chat } }", "the format of a built-in vendor cannot be changed"],
    ["vendors: { box: { wire: openai-compatible-chat } }", "a server of your own needs a baseUrl"],
    ["budgets: { conversationUsd: 0 }", "CONFIG_INVALID"],
    [
      "ask:\n  as: debat",
      "CONFIG_INVALID polylogue.yaml:2: ask.as: there is no orchestration debat. Did you mean debate?",
    ],
    ["ask: { with: [cluade] }", "AGENT_UNKNOWN There is no agent cluade. Did you mean claude?"],
  ])("%s: %s", async (project, expected) => {
    expect(await refusal(project)).toContain(expected);
  });

  it("names the variable that is wrong", async () => {
    expect(await refusal("", { POLYLOGUE_BUDGETS_TURN_USD: "much" })).toContain(
      "CONFIG_INVALID The environment is not valid.\n  POLYLOGUE_BUDGETS_TURN_USD: budgets.turnUsd: ",
    );
    expect(await refusal("", { POLYLOGUE_ASK_WITH: " , " })).toContain("POLYLOGUE_ASK_WITH: ask.with");
    expect(await refusal("", { POLYLOGUE_VENDORS_GOOGLE_BASE_URL: "nowhere" })).toContain(
      "POLYLOGUE_VENDORS_GOOGLE_BASE_URL: vendors.google.baseUrl",
    );
  });

  it.each([
    ["POLYLOGUE_BUDGETS_TURN_UDS", "POLYLOGUE_BUDGETS_TURN_USD"],
    ["POLYLOGUE_BUDGET_DAY_USD", "POLYLOGUE_BUDGETS_DAY_USD"],
    ["POLYLOGUE_TIMEOUTS_TOTAL_MS", "POLYLOGUE_TIMEOUTS_TURN_MS"],
    ["POLYLOGUE_HOMES", "POLYLOGUE_HOME"],
  ])("refuses the variable %s, which was meant to be %s", async (name, meant) => {
    const refused = await refusal("", { [name]: "1" });
    expect(refused).toContain(`CONFIG_INVALID The variable ${name} is set`);
    expect(refused).toContain(meant);
  });

  it("lets variables be that are no settings: of tests, of keys, of vendors of other projects, empty ones", async () => {
    const at = place({
      project:
        "vendors: { google: { keyEnv: POLYLOGUE_ASK_KEY } }\n" +
        "agents: { claude: { key: POLYLOGUE_BUDGETS_KEY, routes: [{ vendor: openai, model: m, key: POLYLOGUE_CONFIGS }] } }\n",
    });
    const names = ["TEST_DATA", "ASK_KEY", "BUDGETS_KEY", "CONFIGS", "VENDORS_BOX_BASE_URL", "BUILD_NUMBER"];
    const environment = Object.fromEntries(names.map((name) => [`POLYLOGUE_${name}`, "x"]));
    await loadConfig({ ...at, environment: { ...at.environment, ...environment, POLYLOGUE_BUDGETS_TURN: " " } });
  });

  it("takes an orchestration that the program brings along", async () => {
    const at = place({ project: "ask: { as: duel }" });
    const [orchestration] = ORCHESTRATIONS;
    const own = { ...(orchestration as Orchestration), name: "duel" };
    expect((await loadConfig({ ...at, orchestrations: [own] })).config.ask.as).toBe("duel");
  });

  it("takes an undefined flag as unsaid, and leaves the editor's $schema out", async () => {
    const at = place({ project: '$schema: "./schema.json"\nask: { as: vote }\n' });
    const config = { ask: { as: undefined } } as unknown as ConfigInput;
    const loaded = await loadConfig({ ...at, config });
    expect(origin(loaded, "ask.as")).toEqual(["vote", "project file", `${at.project}:2`]);
    expect(loaded.entries.some(({ path }) => path.includes("schema"))).toBe(false);
  });

  it("checks what flags say", async () => {
    await expect(loadConfig({ ...place({}), config: { ask: { as: "" } } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("What the flags say") as string,
    });
  });

  it("never repeats a key that stands where its variable's name belongs", async () => {
    for (const key of ["sk-ant-api03-0123456789abcdef", `AIza${"x".repeat(35)}`]) {
      const text = await refusal(`vendors: { google: { keyEnv: ${key} } }`);
      expect(text).toContain("never the key itself");
      expect(text).not.toContain(key);
    }
  });

  it("shows at most ten faults and counts the rest", async () => {
    const keys = Array.from({ length: 14 }, (_, index) => `unknown${index}: 1`).join("\n");
    expect(await refusal(keys)).toContain("And 4 more.");
  });

  it.each([
    ["bytes", Buffer.from([0xff, 0x00]), "not text in UTF-8"],
    ["size", "#".repeat(1024 * 1024 + 1), "larger than"],
  ])("refuses a file by its %s", async (_name, content, why) => {
    const at = place({});
    writeFileSync(at.project, content);
    await expect(loadConfig(at)).rejects.toMatchObject({
      code: "CONFIG_UNREADABLE",
      message: expect.stringContaining(why) as string,
    });
  });

  it("refuses aliases that would fill the memory", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    const lists = names.slice(1).map((name, index) => `${name}: &${name} [${`*${names[index]}, `.repeat(9)}]`);
    expect(await refusal(["a: &a [x]", ...lists].join("\n"))).toMatch(/^CONFIG_INVALID polylogue\.yaml: its aliases /);
  });

  it("says so where it cannot look for a file", async () => {
    const at = place({});
    symlinkSync(at.userFile, at.userFile);
    await expect(loadConfig(at)).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
    symlinkSync(at.project, at.project);
    await expect(loadConfig(at)).rejects.toMatchObject({
      code: "CONFIG_UNREADABLE",
      message: expect.stringContaining(at.folder) as string,
    });
  });

  it("refuses a path that is no file", async () => {
    const at = place({});
    const reason = (configFile: string) => loadConfig({ ...at, configFile }).catch((error: unknown) => String(error));
    expect(await reason(at.folder)).toContain("it is a folder");
    expect(await reason("/dev/null")).toContain("not a regular file");
    expect(await reason("a\0b")).toContain("cannot be read");
  });
});

describe("config explain", () => {
  it("says of each value and each key where it comes from, and shows no secret", async () => {
    const at = place({
      project: [
        "vendors:",
        "  google: { keyFile: secrets/google, proxy: 'http://anna:planted-password@proxy.example:3128' }",
        "agents:",
        "  extra: { vendor: openai, model: gpt-6-luna, key: TEAM_KEY }",
      ].join("\n"),
    });
    mkdirSync(join(at.folder, "secrets"));
    writeFileSync(join(at.folder, "secrets/google"), "planted-google-key", { mode: 0o600 });
    const environment = { ...at.environment, ANTHROPIC_API_KEY: "planted-anthropic-key" };
    const document = await explainConfig({ folder: at.folder, environment });
    expect(document.schema).toBe("polylogue.config/1");
    expect(document.home).toEqual({
      path: join(at.folder, ".polylogue"),
      origin: { source: "project file", where: at.project },
    });
    const states = Object.fromEntries(document.secrets.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({
      ANTHROPIC_API_KEY: "set",
      DEEPSEEK_API_KEY: "not set",
      TEAM_KEY: "not set",
      [join(at.folder, "secrets/google")]: "set",
    });
    expect(document.secrets.find(({ name }) => name.endsWith("secrets/google"))?.origin).toEqual({
      source: "project file",
      where: `${at.project}:2`,
    });
    expect(JSON.stringify(document)).not.toContain("planted");
  });

  it("explains a home that was named", async () => {
    const document = await explainConfig({ ...place({}), home: "/named" });
    expect(document.home).toEqual({ path: "/named", origin: { source: "flag", where: "home" } });
  });
});

describe("the published JSON Schema", () => {
  it("is the grammar in force (node scripts/write-config-schema.ts writes it)", () => {
    const published = readFileSync(new URL("../../../schema/polylogue.schema.json", import.meta.url), "utf8");
    expect(published).toBe(configSchemaText());
  });
});
