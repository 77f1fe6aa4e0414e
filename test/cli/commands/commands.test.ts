// The smaller commands: the document under --json, words for people, exit codes.
import { describe, expect, it } from "vitest";
import type { ConfigDocument } from "../../../src/app/config/config.ts";
import type { AgentsDocument, CostsDocument, DoctorDocument, HandshakeDocument } from "../../../src/app/polylogue.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { type FakeParts, runFake } from "../fake-polylogue.ts";
import { both } from "./run-both.ts";

type AgentRow = AgentsDocument["agents"][number];

function agent(change: Partial<AgentRow> = {}): AgentRow {
  return {
    id: "claude",
    vendor: "anthropic",
    model: "claude-sonnet-5-5",
    skills: ["answer", "code"],
    fallback: false,
    routes: [],
    state: "ready",
    reason: null,
    inputUsdPerMillion: 3,
    outputUsdPerMillion: 15,
    contextTokensMax: 1_000_000,
    ...change,
  };
}

function agents(...rows: readonly AgentRow[]): AgentsDocument {
  return { schema: "polylogue.agents/1", agents: rows };
}

describe("agents", () => {
  it("list shows model, price, window, skills and what is wrong", async () => {
    const document = agents(
      agent(),
      agent({
        id: "local",
        state: "no-key",
        reason: "no key\nset",
        inputUsdPerMillion: null,
        outputUsdPerMillion: null,
        contextTokensMax: null,
      }),
      agent({ id: "other", state: "no-key", reason: "no key\nset" }),
    );
    const { out, code } = await both(
      ["agents", "list"],
      { agents: { list: () => Promise.resolve(document), test: never } },
      document,
    );
    expect(code).toBe(0);
    expect(out).toMatch(/claude +anthropic\/claude-sonnet-5-5 +ready +3\.00 +15\.00 +1,000,000 +answer,code/);
    expect(out).toMatch(/local .+ no-key +\? +\? +\? /);
    expect(out).toContain("\nlocal, other: no key set\n");
    const narrow = await runFake(["agents", "list"], {
      parts: { agents: { list: () => Promise.resolve(document), test: never } },
      isTTY: true,
      columns: 60,
      env: { NO_COLOR: "1" },
    });
    const lines = narrow.out.split("\n");
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    expect(lines[1]).toMatch(/^claude +anthropic\/claude-sonnet-5-5 +ready$/);
    expect(lines[2]).toBe("    $/M IN 3.00 · $/M OUT 15.00 · WINDOW 1,000,000 · SKILLS");
    expect(lines[3]).toBe("    answer,code");
  });

  it("list without any says how to start", async () => {
    const { out } = await runFake(["agents", "ls"], {
      parts: { agents: { list: () => Promise.resolve(agents()), test: never } },
    });
    expect(out).toContain("polylogue init");
    const { out: npm } = await runFake(["agents", "ls"], {
      parts: { agents: { list: () => Promise.resolve(agents()), test: never } },
      env: { npm_lifecycle_event: "polylogue" },
    });
    expect(npm).toContain("npm run -s polylogue -- init");
  });

  it.each([
    [[agent({ state: "ok" })], 0],
    [[agent({ state: "ok" }), agent({ state: "failed", reason: "x" })], 8],
    [[agent({ state: "no-key", reason: "no key" })], 4],
    [[agent({ state: "failed", reason: "VENDOR_AUTH: refused" })], 4],
    [[agent({ state: "failed", reason: "UNREACHABLE: down" })], 5],
    [[agent({ state: "failed", reason: "who knows" })], 1],
    [[agent({ state: "failed", reason: null })], 1],
  ])("test ends by what it found (%#)", async (rows, expected) => {
    const asked: (readonly string[] | undefined)[] = [];
    const document = agents(...rows);
    const parts: FakeParts = {
      agents: {
        list: never,
        test: (ids) => {
          asked.push(ids);
          return Promise.resolve(document);
        },
      },
    };
    expect((await both(["agents", "test"], parts, document)).code).toBe(expected);
    await runFake(["agents", "test", "claude", "gemini"], { parts });
    expect(asked).toEqual([undefined, undefined, ["claude", "gemini"]]);
  });
});

describe("handshake", () => {
  const names = ["claude", "gemini"];
  const document: HandshakeDocument = {
    schema: "polylogue.handshake/1",
    epoch: 1,
    digest: "ab".repeat(32),
    members: names.map((name) => ({ agent: name, vendor: "v", model: "m", incarnation: 4 })),
    links: [
      { from: "claude", to: "gemini", open: true, rttMs: 1.25 },
      { from: "gemini", to: "claude", open: false, rttMs: null },
    ],
    refused: [],
    epochs: [{ epoch: 1, digest: "ab".repeat(32), members: names, heldBy: names }],
  };

  it("shows the roster and a matrix of links", async () => {
    const { out, code } = await both(["handshake"], { handshake: () => Promise.resolve(document) }, document);
    expect(code).toBe(0);
    expect(out).toContain("Handshake: 2 agents, 1 link, epoch 1, digest abababababab.");
    expect(out).toContain("1 of 2 directed links open, 1 proved by a message and its answer.");
    expect(out).toMatch(/claude +· +1\.3 ms\ngemini +closed +·/);
  });

  it("passes its options on, and asks for proofs where there are none", async () => {
    const asked: unknown[] = [];
    const parts: FakeParts = {
      handshake: (options) => {
        asked.push(options);
        return Promise.resolve({
          ...document,
          links: document.links.map((link) => ({ ...link, open: true, rttMs: null })),
        });
      },
    };
    const { out } = await runFake(["handshake", "--agents", "2", "--verify-links", "--with", "claude,gemini"], {
      parts,
    });
    expect(asked).toEqual([{ agents: 2, verifyLinks: true, with: ["claude", "gemini"] }]);
    expect(out).toContain("2 of 2 directed links open; prove them with --verify-links.");
    expect(out).toMatch(/claude +· +open/);
  });

  it("lets agents join and leave in the order given, and shows each view with who holds it", async () => {
    const asked: unknown[] = [];
    const later = { epoch: 3, digest: "cd".repeat(32), members: ["claude"], heldBy: ["claude"] };
    const parts: FakeParts = {
      handshake: (options) => {
        asked.push(options.changes);
        return Promise.resolve({ ...document, epochs: [...document.epochs, later] });
      },
    };
    const order = ["--then-leave", "gemini", "--then-join", "openai:m", "--then-leave", "claude"];
    const { out } = await runFake(["handshake", ...order], { parts });
    expect(asked).toEqual([[{ leave: "gemini" }, { join: "openai:m" }, { leave: "claude" }]]);
    expect(out).toContain("  epoch 1, digest abababababab, held by 2 of 2 members: claude, gemini\n");
    expect(out).toContain("  epoch 3, digest cdcdcdcdcdcd, held by 1 of 1 member: claude\n");
    expect((await runFake(["handshake", "--then-join", "a,b"], { parts })).err).toContain("It must be one agent");
  });

  it.each([
    [document.members, 8],
    [[], 4],
  ])("with someone refused ends with 8, or by cause when nobody is left (%#)", async (members, expected) => {
    const refused = {
      ...document,
      members,
      links: [],
      refused: [{ agent: "deepseek", code: "AUTH", reason: "bad\nkey" }],
    };
    const { out, code } = await both(["handshake"], { handshake: () => Promise.resolve(refused) }, refused);
    expect(code).toBe(expected);
    expect(out).toContain("Refused: deepseek (AUTH): bad key");
  });

  it("with everybody refused says so and why, without an empty roster", async () => {
    const refused = [
      { agent: "claude", code: "KEY_MISSING", reason: "no key" },
      { agent: "gemini", code: "AUTH", reason: "bad key" },
    ];
    const nobody = { ...document, epoch: 0, digest: "", members: [], links: [], refused };
    for (const epochs of [[], [{ epoch: 1, digest: "", members: [], heldBy: [] }]]) {
      const { out } = await runFake(["handshake"], {
        parts: { handshake: () => Promise.resolve({ ...nobody, epochs }) },
      });
      expect(out).toBe(
        "Nobody could take part.\nRefused: claude (KEY_MISSING): no key\nRefused: gemini (AUTH): bad key\n",
      );
    }
    const left = await runFake(["handshake"], { parts: { handshake: () => Promise.resolve(nobody) } });
    expect(left.out).toContain("Handshake: 0 agents, 0 links");
  });
});

describe("doctor", () => {
  const document: DoctorDocument = {
    schema: "polylogue.doctor/1",
    ok: true,
    checks: [
      { name: "node", state: "ok", detail: "26.10.0", mend: "unused" },
      { name: "key of claude", state: "warn", detail: "not set", mend: "export ANTHROPIC_API_KEY" },
      { name: "disk", state: "warn", detail: "small", mend: null },
    ],
  };

  it("lists checks and how to mend what is not right", async () => {
    const { out, code } = await both(["doctor"], { doctor: () => Promise.resolve(document) }, document);
    expect(code).toBe(0);
    expect(out).toMatch(/node +ok +26\.10\.0\nkey of claude +warn +not set/);
    expect(out).toContain(
      "How to mend:\n  key of claude: export ANTHROPIC_API_KEY\n\nNothing that is needed is missing.",
    );
    expect(out).not.toContain("unused");
  });

  it("ends with 1 when something failed, and goes online only when asked", async () => {
    const asked: unknown[] = [];
    const failed = {
      ...document,
      ok: false,
      checks: [{ name: "disk", state: "fail" as const, detail: "full", mend: null }],
    };
    const parts: FakeParts = {
      doctor: (options) => {
        asked.push(options);
        return Promise.resolve(failed);
      },
    };
    const { out, code } = await both(["doctor"], parts, failed);
    expect(code).toBe(1);
    expect(out).toContain("Something that is needed is missing.");
    await runFake(["doctor", "--online"], { parts });
    expect(asked).toEqual([{}, {}, { online: true }]);
  });
});

describe("costs", () => {
  const document: CostsDocument = {
    schema: "polylogue.costs/1",
    by: "model",
    includesSimulated: true,
    totalUsd: 1.5,
    reservedUsd: 0,
    rows: [
      {
        key: "m",
        costUsd: 1.5,
        calls: 1_234,
        tokens: { ...NO_USAGE, input: 10, cacheRead: 5, output: 7 },
        simulated: true,
      },
    ],
  };

  it("shows a row for each, and the total", async () => {
    const { out } = await both(["costs", "--by", "model"], { costs: () => Promise.resolve(document) }, document);
    expect(out).toMatch(/^MODEL .+\nm \(simulated\) +1,234 +15 +7 +\$1\.50\n\nTotal \$1\.50\.\n$/);
    const reserving = { ...document, reservedUsd: 0.25 };
    const real = { ...reserving, rows: document.rows.map((row) => ({ ...row, simulated: false })) };
    expect((await both(["cost"], { costs: () => Promise.resolve(real) }, real)).out).toContain(
      "and $0.2500 reserved by running calls",
    );
  });

  it("leaves simulated spend out unless asked, in either way", async () => {
    const asked: unknown[] = [];
    const empty = { ...document, includesSimulated: false, rows: [] };
    const parts: FakeParts = {
      costs: (options) => {
        asked.push(options);
        return Promise.resolve({ ...empty, includesSimulated: options?.simulated === true });
      },
    };
    expect((await runFake(["costs"], { parts })).out).toContain(
      "see it with: polylogue costs --by model --include-simulated",
    );
    expect((await runFake(["costs", "--include-simulated"], { parts })).out).toBe("Nothing was spent.\n");
    await runFake(["--simulated", "costs", "--by", "day"], { parts });
    expect(asked).toEqual([
      { by: "agent", simulated: false },
      { by: "agent", simulated: true },
      { by: "day", simulated: true },
    ]);
  });
});

describe("config explain", () => {
  const document: ConfigDocument = {
    schema: "polylogue.config/1",
    home: { path: "/data", origin: { source: "environment", where: "POLYLOGUE_HOME" } },
    files: ["/a/polylogue.yaml"],
    untrusted: null,
    values: [
      { path: "ask.as", value: "debate", origin: { source: "default", where: null } },
      {
        path: "ask.with",
        value: ["claude", "gemini"],
        origin: { source: "project file", where: "/a/polylogue.yaml:3" },
      },
      { path: "budgets.conversationUsd", value: 1, origin: { source: "flag", where: null } },
    ],
    secrets: [
      { name: "ANTHROPIC_API_KEY", state: "set", origin: { source: "environment", where: "ANTHROPIC_API_KEY" } },
    ],
  };
  const services = { explainConfig: () => Promise.resolve(document) };

  it("shows each value with its place", async () => {
    const { out, opened } = await runFake(["config", "explain"], { services });
    expect(out).toContain("Data: /data (environment: POLYLOGUE_HOME)\nFiles: /a/polylogue.yaml\n");
    expect(out).toMatch(/ask\.as +debate +default\nask\.with +claude,gemini +project file: \/a\/polylogue\.yaml:3/);
    expect(out).toMatch(/ANTHROPIC_API_KEY +set +environment: ANTHROPIC_API_KEY/);
    expect(opened).toEqual([]);
    const none = { explainConfig: () => Promise.resolve({ ...document, files: [] }) };
    expect((await runFake(["config", "explain"], { services: none })).out).toContain("Files: none");
  });

  it("tells what waits for the user's trust", async () => {
    const untrusted = { file: "/a/polylogue.yaml", settings: [{ path: "vendors.google.proxy", where: "/a:1" }] };
    const doubted = { explainConfig: () => Promise.resolve({ ...document, untrusted }) };
    expect((await runFake(["config", "explain"], { services: doubted })).out).toContain(
      "Not trusted: vendors.google.proxy. No key is used before: polylogue config trust /a/polylogue.yaml\n",
    );
  });

  it("narrows to a path", async () => {
    const { out } = await runFake(["config", "explain", "ask", "--json"], { services });
    expect((JSON.parse(out) as ConfigDocument).values.map(({ path }) => path)).toEqual(["ask.as", "ask.with"]);
    const one = await runFake(["config", "explain", "ask.as", "--json"], { services });
    expect((JSON.parse(one.out) as ConfigDocument).values).toHaveLength(1);
  });
});

describe("config trust", () => {
  const value = "http://evil.example/\u001b[2J";
  const settings = [{ path: "vendors.google.proxy", value, where: "/a/b.yaml:3" }];

  it("shows what was agreed to", async () => {
    const asked: unknown[] = [];
    const services = {
      trustConfig: (options: { readonly file?: string }) => {
        asked.push(options.file);
        return Promise.resolve({ schema: "polylogue.trust/1" as const, file: "/a/b.yaml", digest: "d", settings });
      },
    };
    const { out, code } = await runFake(["config", "trust", "b.yaml"], { services });
    expect(code).toBe(0);
    expect(out).toBe(
      "Trusted /a/b.yaml as it is now. It decides about keys:\n  vendors.google.proxy: http://evil.example/ (/a/b.yaml:3)\n",
    );
    const json = await runFake(["config", "trust", "--json"], { services });
    expect(JSON.parse(json.out)).toMatchObject({ schema: "polylogue.trust/1", settings });
    expect(asked).toEqual(["b.yaml", undefined]);
  });

  it("says when there was nothing to agree to", async () => {
    const document = { schema: "polylogue.trust/1" as const, file: "/a/b.yaml", digest: "d", settings: [] };
    const { out } = await runFake(["config", "trust"], {
      services: { trustConfig: () => Promise.resolve(document) },
    });
    expect(out).toContain("It says nothing about keys.");
  });
});

function never(): Promise<never> {
  return Promise.reject(new Error("not asked for"));
}
