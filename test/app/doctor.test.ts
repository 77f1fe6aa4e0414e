// The doctor: each check, well and ill, with its way out.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attempt } from "../../src/app/doctor/check.ts";
import { checkClock, checkNode, checkSqlite } from "../../src/app/doctor/machine.ts";
import type { DoctorDocument } from "../../src/app/polylogue.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { KEYS, noNetwork, open, openSimulated, vendorNetwork } from "./open.ts";

function states({ checks }: DoctorDocument): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, state }) => [name, state]));
}

describe("doctor", () => {
  it("finds everything well with keys, and makes no call unless asked to", async () => {
    const home = temporaryFolder();
    chmodSync(home, 0o700);
    const polylogue = await open({ home, environment: KEYS, fetch: noNetwork });
    const document = await polylogue.doctor();
    expect(document).toMatchObject({ schema: "polylogue.doctor/1", ok: true });
    expect(states(document)).toEqual({
      node: "ok",
      sqlite: "ok",
      clock: "ok",
      home: "ok",
      database: "ok",
      config: "ok",
      "key claude": "ok",
      "key gemini": "ok",
      "key deepseek": "ok",
      "price claude": "ok",
      "price gemini": "ok",
      "price deepseek": "ok",
    });
    expect(document.checks.find(({ name }) => name === "key claude")?.detail).toBe(
      "set, from ANTHROPIC_API_KEY; not tried yet: polylogue agents test, or doctor --online",
    );
    expect(JSON.stringify(document)).not.toContain("planted");
    expect((await open({ home, environment: KEYS, fetch: noNetwork }).then((again) => again.doctor())).ok).toBe(true);
  });

  it("looks through a database that is there", async () => {
    const home = temporaryFolder();
    const polylogue = await openSimulated({ home });
    await polylogue.ask({ question: "One writer?", as: "gather" });
    const { checks } = await polylogue.doctor({ online: true });
    expect(checks.find(({ name }) => name === "database")?.detail).toMatch(/polylogue\.db, \d+ events$/);
    expect(checks.filter(({ name }) => name.startsWith("call ")).map(({ state }) => state)).toEqual(["ok", "ok", "ok"]);
    expect(checks.find(({ name }) => name === "key claude")?.detail).toBe("not needed");
  });

  it("finds a damaged database", async () => {
    const home = temporaryFolder();
    const polylogue = await openSimulated({ home });
    await polylogue.ask({ question: "One writer?", as: "gather" });
    await polylogue.close();
    const path = join(home, "polylogue.db");
    const bytes = readFileSync(path);
    bytes.fill(0x5a, 4_096 * 3, 4_096 * 5);
    writeFileSync(path, bytes);
    const document = await (await openSimulated({ home })).doctor();
    expect(document.ok).toBe(false);
    expect(states(document).database).toBe("fail");
  });

  it("tells what the database finds wrong in itself", async () => {
    const openStore = async (path: string) => ({
      ...(await createSqliteStore({ path, clock: createSystemClock() })),
      integrityCheck: async () => ["row 7 missing from index x"],
    });
    const polylogue = await openSimulated({ openStore });
    await polylogue.conversations.list();
    const check = (await polylogue.doctor()).checks.find(({ name }) => name === "database");
    expect(check).toMatchObject({ state: "fail", detail: expect.stringContaining("row 7 missing") as string });
  });

  it("asks a store that cannot check itself no more than it can", async () => {
    const openStore = async (path: string) => {
      const { integrityCheck: _integrityCheck, ...store } = await createSqliteStore({
        path,
        clock: createSystemClock(),
      });
      return store;
    };
    const home = temporaryFolder();
    const polylogue = await openSimulated({ home, openStore });
    await polylogue.handshake({ agents: 1 });
    expect(states(await polylogue.doctor()).database).toBe("ok");
  });

  it("one key of three missing is a warning, none at all a failure", async () => {
    const some = await (await open({ environment: { GEMINI_API_KEY: "planted-g-key" }, fetch: noNetwork })).doctor();
    expect([some.ok, states(some)["key claude"], states(some)["key gemini"]]).toEqual([true, "warn", "ok"]);
    const none = await (await open({ fetch: noNetwork })).doctor();
    expect([none.ok, states(none)["key claude"]]).toEqual([false, "fail"]);
    expect(none.checks.find(({ name }) => name === "key claude")?.mend).toContain("Set ANTHROPIC_API_KEY");
  });

  it("online finds what free calls find", async () => {
    const environment = { ...KEYS, ANTHROPIC_API_KEY: "invalid-planted-key", DEEPSEEK_API_KEY: "" };
    const document = await (await open({ environment, fetch: vendorNetwork().fetch })).doctor({ online: true });
    expect(states(document)).toMatchObject({ "call claude": "fail", "call gemini": "ok", "key deepseek": "warn" });
    expect(states(document)["call deepseek"]).toBeUndefined();
    expect(document.checks.find(({ name }) => name === "key gemini")?.detail).toBe("set, from GEMINI_API_KEY");
    expect(JSON.stringify(document)).not.toContain("planted");
  });

  it("reports a configuration that cannot be read, and goes on with the rest", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "polylogue.yaml"), "agnts: {}\n");
    const document = await (await open({ folder })).doctor();
    expect(states(document)).toMatchObject({ config: "fail", node: "ok", database: "ok" });
    expect(document.checks.find(({ name }) => name === "config")?.detail).toContain("Did you mean agents?");
    writeFileSync(join(folder, "polylogue.yaml"), "agents: { mine: { vendor: openai, model: gpt-nobody-priced } }\n");
    const priced = await (await open({ folder, environment: { OPENAI_API_KEY: "planted-o-key" } })).doctor();
    expect(states(priced)).toMatchObject({ config: "ok", "price mine": "fail" });
    expect(priced.checks.find(({ name }) => name === "config")?.detail).toBe(join(folder, "polylogue.yaml"));
  });

  it("warns of variables that nobody reads", async () => {
    const environment = { ...KEYS, POLYLOGUE_VENDORS_OPENIA_PROXY: "http://127.0.0.1:1", POLYLOGUE_HOME: "" };
    const { checks } = await (await open({ environment, fetch: noNetwork })).doctor();
    const warned = checks.filter(({ name }) => name === "environment");
    expect(warned).toHaveLength(1);
    expect(warned[0]?.detail).toContain("Did you mean POLYLOGUE_VENDORS_OPENAI_PROXY");
  });

  it("looks at the folder: open to others, missing, or not to be written", async () => {
    const root = temporaryFolder();
    const home = join(root, "home");
    const look = async (at: string) =>
      (await (await openSimulated({ home: at })).doctor()).checks.find(({ name }) => name === "home");
    expect(await look(join(home, "deep"))).toMatchObject({
      state: "ok",
      detail: `${join(home, "deep")} (will be made)`,
    });
    mkdirSync(home, { mode: 0o755 });
    chmodSync(home, 0o755);
    expect(await look(home)).toMatchObject({
      state: "warn",
      mend: expect.stringContaining(`chmod 700 ${home}`) as string,
    });
    writeFileSync(join(root, "file"), "", { mode: 0o600 });
    expect(await look(join(root, "file", "below"))).toMatchObject({
      state: "fail",
      mend: expect.stringContaining("POLYLOGUE_HOME") as string,
    });
  });

  it.each([
    ["24.15.0", "ok"],
    ["26.10.0", "ok"],
    ["24.14.9", "fail"],
    ["20.19.2", "fail"],
    ["odd", "fail"],
  ])("takes Node %s for %s", (version, state) => {
    expect(checkNode(version).state).toBe(state);
  });

  it("takes an old SQLite for a failure with a way out", async () => {
    expect(await checkSqlite("3.46.0")).toMatchObject({ state: "fail", mend: "Use Node 24.15 or newer." });
    expect(await checkSqlite("3.60.0")).toMatchObject({ state: "ok" });
  });

  it("compares the clock with the program and the newest event", () => {
    const now = Date.UTC(2026, 11, 1) * 1_000;
    expect(checkClock(now, undefined).state).toBe("ok");
    expect(checkClock(now, now - 1).state).toBe("ok");
    expect(checkClock(now, now + 59_000_000).state).toBe("ok");
    expect(checkClock(now, now + 61_000_000).state).toBe("warn");
    expect(checkClock(Date.UTC(2020, 0, 1) * 1_000, undefined).state).toBe("fail");
  });

  it("makes a failure of whatever a check throws", async () => {
    const thrown = await attempt("x", () => {
      throw new Error("plain");
    });
    expect(thrown).toEqual({ name: "x", state: "fail", detail: "plain", mend: null });
    expect(await attempt("x", () => Promise.reject("text"))).toMatchObject({ detail: "text" });
  });
});
