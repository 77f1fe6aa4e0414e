// Commands that touch files, ports and shells.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIG_DEFAULTS } from "../../../src/app/config/defaults.ts";
import { loadConfig } from "../../../src/app/config/load-config.ts";
import { createAppServices } from "../../../src/cli/app-services.ts";
import { CONFIG_TEMPLATE } from "../../../src/cli/commands/init-template.ts";
import { faultPlanOf } from "../../../src/cli/simulate/fault-words.ts";
import { startSimulators } from "../../../src/cli/simulate/simulator-server.ts";
import { isPolylogueError } from "../../../src/domain/errors.ts";
import { verifies } from "../../requirements.ts";
import { captureIo } from "../capture-io.ts";
import { runFake } from "../fake-polylogue.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "polylogue-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("init", () => {
  it("writes the commented file, keeps one that is there, and replaces it only by force", async () => {
    const file = path.join(folder, "polylogue.yaml");
    const { code, out } = await runFake(["init"], { folder });
    expect(code).toBe(0);
    expect(out).toContain(`Wrote ${file}.`);
    expect(readFileSync(file, "utf8")).toBe(CONFIG_TEMPLATE);
    writeFileSync(file, "mine: true\n");
    const again = await runFake(["init"], { folder });
    expect(again.code).toBe(2);
    expect(again.err).toContain("--force");
    expect(readFileSync(file, "utf8")).toBe("mine: true\n");
    const forced = await runFake(["init", "--force", "--json"], { folder });
    expect(JSON.parse(forced.out)).toEqual({ schema: "polylogue.init/1", file });
    expect(readFileSync(file, "utf8")).toBe(CONFIG_TEMPLATE);
  });

  it("goes where --config says, or tells why it cannot", async () => {
    const other = path.join(folder, "other.yaml");
    expect((await runFake(["init", "--config", "other.yaml"], { folder })).code).toBe(0);
    expect(readFileSync(other, "utf8")).toBe(CONFIG_TEMPLATE);
    const { code, err } = await runFake(["init", "--config", "no/such/folder.yaml"], { folder });
    expect(code).toBe(3);
    expect(err).toContain("cannot be written");
  });

  it("what it writes is valid, as it stands and with every comment taken as a setting", async () => {
    const file = path.join(folder, "valid.yaml");
    writeFileSync(file, CONFIG_TEMPLATE);
    const { config } = await loadConfig({ configFile: file, environment: {}, folder });
    expect(config.ask).toEqual({ with: ["claude", "gemini", "deepseek"], as: "debate" });
    expect(config.budgets.conversationUsd).toBe(1);
    const [head = "", ...rest] = CONFIG_TEMPLATE.split("\n\n");
    const settings = rest
      .join("\n\n")
      .split("\n")
      .map((line) => (/^ *# ?(( *"?[\w:.-]+"?:)( |$))/.test(line) ? line.replace(/# ?/, "") : line))
      .join("\n");
    writeFileSync(file, `${head}\n\n${settings}`);
    const whole = await loadConfig({ configFile: file, environment: {}, folder });
    expect(whole.config.agents.local).toMatchObject({ vendor: "ollama" });
    expect(whole.config.vendors.anthropic).toMatchObject({ keyEnv: "TEAM_ANTHROPIC_KEY" });
    // What it shows is what holds without it.
    expect(whole.config.timeouts).toEqual(CONFIG_DEFAULTS.timeouts);
    expect(whole.config.budgets.dayUsd).toBe(10);
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("of %s is made from the commands themselves", async (shell) => {
    const { out, code } = await runFake(["completion", shell]);
    expect(code).toBe(0);
    for (const word of ["conversation", "resume", "budget", "simulated"]) expect(out).toContain(word);
    if (shell === "zsh") expect(out).toMatch(/^#compdef polylogue\n/);
  });

  it.skipIf(spawnSync("bash", ["--version"]).status !== 0)("works in bash (skipped where there is none)", async () => {
    const { out } = await runFake(["completion", "bash"]);
    const complete = (words: readonly string[]): string[] => {
      const script = `${out}\nCOMP_WORDS=(polylogue ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _polylogue; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const ran = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8", cwd: folder });
      expect(ran.stderr).toBe("");
      return ran.stdout.trim().split("\n");
    };
    expect(complete(["conv"])).toEqual(["conversation"]);
    expect(complete(["conversation", "re"])).toEqual(["resume"]);
    expect(complete(["--simulated", "ask", "--bud"])).toEqual(["--budget"]);
    expect(complete(["conversation", "list", "--li"])).toEqual(["--limit"]);
    writeFileSync(path.join(folder, "design.md"), "");
    expect(complete(["ask", "--attach", "desi"])).toEqual(["design.md"]);
  });
});

describe("simulate", () => {
  it("serves every vendor until Ctrl-C, and says how to reach them", async () => {
    verifies("R7.2");
    const io = captureIo();
    const run = runFake(["simulate", "--json", "--latency", "none"], {
      io,
      services: { startSimulators: createAppServices().startSimulators },
    });
    while (io.out() === "") await new Promise((resolve) => setImmediate(resolve));
    const { vendors } = JSON.parse(io.out()) as {
      vendors: { vendor: string; url: string; environment: Record<string, string> }[];
    };
    expect(vendors.map(({ vendor }) => vendor)).toEqual(["anthropic", "google", "deepseek", "openai"]);
    const environment = Object.assign({}, ...vendors.map((vendor) => vendor.environment)) as Record<string, string>;
    expect(Object.keys(environment).toSorted()).toEqual([
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_BASE_URL",
      "GEMINI_API_KEY",
      "GOOGLE_GEMINI_BASE_URL",
      "OPENAI_API_KEY",
      "OPENAI_BASE_URL",
    ]);
    // Polylogue refuses a simulator under a real conversation, so nothing here may lead it to one.
    const { config } = await loadConfig({ environment, folder });
    expect(config.vendors).toEqual({});
    const openai = environment.OPENAI_BASE_URL;
    const models = await fetch(`${openai}/models`, { headers: { authorization: "Bearer simulated" } });
    expect(models.status).toBe(200);
    expect(io.interrupt.request()).toBe(true);
    expect((await run).code).toBe(0);
    await expect(fetch(`${openai}/models`)).rejects.toThrow();
  });

  it("prints lines for a shell", async () => {
    const io = captureIo();
    const environment = { OPENAI_BASE_URL: "http://127.0.0.1:1/x/v1" };
    let closed = 0;
    const asked: unknown[] = [];
    const run = runFake(["simulate", "--port", "9", "--seed", "3", "--faults", "0.5", "stall"], {
      io,
      services: {
        startSimulators: (options) => {
          asked.push(options);
          const close = () => {
            closed += 1;
            return Promise.resolve();
          };
          return Promise.resolve({
            vendors: [
              { vendor: "openai", url: "http://127.0.0.1:1/x", environment },
              { vendor: "deepseek", url: "http://127.0.0.1:1/d", environment: {} },
            ],
            close,
          });
        },
      },
    });
    while (io.out() === "") await io.clock.advance(1);
    expect(io.out().split("\n")).toEqual([
      "# Simulators are running; Ctrl-C stops them. For the vendors' own SDKs in a shell:",
      "export OPENAI_BASE_URL=http://127.0.0.1:1/x/v1",
      "# deepseek: http://127.0.0.1:1/d (give it to a client as its base URL)",
      "# Polylogue itself needs no server: give it --simulated.",
      "",
    ]);
    io.interrupt.request();
    expect((await run).err).toBe("Stopping.\n");
    expect(closed).toBe(1);
    expect(asked).toEqual([
      { port: 9, seed: 3, latency: "lively", faults: { probability: 0.5, weights: { stall: 1 } } },
    ]);
  });

  it("names a port that cannot be had", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const error: unknown = await startSimulators({ port, seed: 1, latency: "none" }).catch((reason: unknown) => reason);
    expect(isPolylogueError(error) && error.code).toBe("USAGE");
    expect(String(error)).toContain(String(port));
    await new Promise((resolve) => taken.close(resolve));
  });

  it("passes faults on to the servers", async () => {
    const faults = faultPlanOf(["google:down"]);
    const server = await startSimulators({
      port: 0,
      seed: 1,
      latency: "none",
      ...(faults === undefined ? {} : { faults }),
    });
    const google = server.vendors.find(({ vendor }) => vendor === "google");
    await expect(fetch(`${google?.url}/v1beta/models?key=x`)).rejects.toThrow();
    await server.close();
  });

  it.each([
    [[], undefined],
    [["0.3"], { probability: 0.3 }],
    [["1"], { probability: 1 }],
    [["stall=3", "rate429"], { probability: 0.3, weights: { stall: 3, rate429: 1 } }],
    [[".5", "reset"], { probability: 0.5, weights: { reset: 1 } }],
    [["google:down", "0"], { probability: 0, vendors: { google: { down: true } } }],
    [["deepseek:down"], { vendors: { deepseek: { down: true } } }],
  ])("reads %j", (words, plan) => {
    expect(faultPlanOf(words)).toEqual(plan);
  });

  it.each(["2", "nobody:down", "stall=many", "down:google", "-1"])("refuses %s", (word) => {
    expect(() => faultPlanOf([word])).toThrow(`--faults does not know "${word}"`);
  });
});

describe("the real services", () => {
  it("read attachments, explain the configuration and know the orchestrations", async () => {
    const services = createAppServices();
    const file = path.join(folder, "note.md");
    writeFileSync(file, "One writer.");
    expect(await services.readAttachments([])).toEqual([]);
    expect(await services.readAttachments([file])).toEqual([
      { name: file, mediaType: "text/markdown", text: "One writer." },
    ]);
    expect((await services.orchestrations()).map(({ name }) => name)).toContain("debate");
    const explained = await services.explainConfig({ environment: {}, folder, home: "here" });
    expect(explained.home.path).toBe(path.join(folder, "here"));
  });
});
