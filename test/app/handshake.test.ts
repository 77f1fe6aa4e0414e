// Handshakes through the library: documents, refusals, and a record that ends.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { KEYS, open, openSimulated, vendorNetwork } from "./open.ts";

describe("handshake", () => {
  it("of any number gives one view and n(n−1) directed links", async () => {
    verifies("R3.1");
    const polylogue = await openSimulated();
    for (const count of [1, 2, 5]) {
      const document = await polylogue.handshake({ agents: count });
      expect(document.members).toHaveLength(count);
      expect(document.links).toHaveLength(count * (count - 1));
      expect(document.links.every(({ open: isOpen, rttMs }) => isOpen && rttMs === null)).toBe(true);
    }
  });

  it("is of the configured agents unless told", async () => {
    verifies("R2.1");
    const polylogue = await openSimulated();
    const document = await polylogue.handshake({});
    expect(document).toMatchObject({ schema: "polylogue.handshake/1", epoch: 1, refused: [] });
    expect(document.members).toMatchObject([
      { agent: "claude", vendor: "anthropic", model: "claude-sonnet-5-5", incarnation: 1 },
      { agent: "deepseek", vendor: "deepseek", model: "deepseek-v4-pro", incarnation: 1 },
      { agent: "gemini", vendor: "google", model: "gemini-3.8-flash", incarnation: 1 },
    ]);
    expect(document.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("reports who was refused, and why", async () => {
    const polylogue = await open({ environment: { ...KEYS, GEMINI_API_KEY: "" }, fetch: vendorNetwork().fetch });
    const document = await polylogue.handshake({ verifyLinks: true });
    expect(document.refused).toMatchObject([{ agent: "gemini", code: "AUTH" }]);
    expect(document.members.map(({ agent }) => agent)).toEqual(["claude", "deepseek"]);
    expect(document.links.map(({ rttMs }) => rttMs)).toEqual([expect.any(Number), expect.any(Number)]);
  });

  it("leaves the record of a conversation that has ended", async () => {
    const polylogue = await openSimulated();
    await polylogue.handshake({ agents: 2 });
    const { conversations } = await polylogue.conversations.list();
    expect(conversations).toMatchObject([{ status: "decided", question: "Handshake of claude, gemini", costUsd: 0 }]);
    expect((await polylogue.conversations.resume("all")).resumed).toEqual([]);
    const shown = await polylogue.conversations.show(conversations[0]?.id ?? "");
    expect(shown.epochs).toMatchObject([{ epoch: 1, members: ["claude", "gemini"] }]);
  });

  it("lets one more join and one leave at run time: epochs rise, and all members hold the same digest", async () => {
    verifies("R3.2", "R8.2");
    const polylogue = await openSimulated();
    const document = await polylogue.handshake({
      agents: 3,
      verifyLinks: true,
      changes: [{ join: "openai" }, { leave: "gemini" }, { join: "gemini" }],
    });
    expect(document.epochs.map(({ members }) => members)).toEqual([
      ["claude", "deepseek", "gemini"],
      ["claude", "deepseek", "gemini", "openai"],
      ["claude", "deepseek", "openai"],
      ["claude", "deepseek", "gemini", "openai"],
    ]);
    const numbers = document.epochs.map(({ epoch }) => epoch);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(4);
    for (const { members, heldBy } of document.epochs) expect(heldBy).toEqual(members);
    expect(document).toMatchObject({ epoch: numbers.at(-1), digest: document.epochs.at(-1)?.digest, refused: [] });
    expect(document.members.find(({ agent }) => agent === "gemini")?.incarnation).toBe(2);
    expect(document.links.filter(({ open, rttMs }) => open && rttMs !== null)).toHaveLength(12);
    // The record says the same, and everybody else's ports are untouched.
    const [row] = (await polylogue.conversations.list()).conversations;
    const shown = await polylogue.conversations.show(row?.id ?? "");
    expect(shown.epochs.map(({ epoch }) => epoch)).toEqual(numbers);
    expect((await polylogue.ask({ question: "q", with: ["gemini"], as: "ask" })).status).toBe("decided");
  });

  it("ends with a view without those who left, also where no link is proved", async () => {
    const polylogue = await openSimulated();
    const document = await polylogue.handshake({ agents: 3, changes: [{ leave: "claude" }] });
    expect(document.members.map(({ agent }) => agent)).toEqual(["deepseek", "gemini"]);
    expect(document.links.every(({ open, rttMs }) => open && rttMs === null)).toBe(true);
    expect(document.epochs.at(-1)).toMatchObject({ epoch: 2, heldBy: ["deepseek", "gemini"] });
  });

  it("has an empty view where all that are left were refused", async () => {
    const polylogue = await open({
      environment: { ANTHROPIC_API_KEY: KEYS.ANTHROPIC_API_KEY },
      fetch: vendorNetwork().fetch,
    });
    const changes = [{ leave: "claude" }];
    const document = await polylogue.handshake({ with: ["claude", "gemini"], changes });
    expect(document).toMatchObject({ epoch: 0, members: [], links: [], refused: [{ agent: "gemini", code: "AUTH" }] });
    expect(document.epochs.map(({ members, heldBy }) => [members, heldBy])).toEqual([
      [["claude"], ["claude"]],
      [[], []],
    ]);
  });

  it.each([
    [[{ join: "claude" }], "USAGE"],
    [[{ leave: "openai" }], "USAGE"],
    [[{ leave: "gemini" }, { leave: "gemini" }], "USAGE"],
    [[{ leave: "gemini" }, { leave: "claude" }], "MEMBERS_COUNT"],
    [[{ join: "nobody" }], "AGENT_UNKNOWN"],
  ])("then %j is refused before anybody shakes hands", async (changes, code) => {
    const polylogue = await openSimulated();
    await expect(polylogue.handshake({ agents: 2, changes })).rejects.toMatchObject({ code });
    expect((await polylogue.conversations.list()).conversations).toEqual([]);
  });

  it("by simulated agents leaves nothing unmarked in the journal", async () => {
    const home = temporaryFolder();
    const polylogue = await openSimulated({ home });
    await polylogue.handshake({ agents: 2, verifyLinks: true });
    await polylogue.close();
    const database = new DatabaseSync(join(home, "polylogue.db"), { readOnly: true });
    const rows = database.prepare("SELECT DISTINCT kind, simulated FROM events WHERE simulated = 0").all();
    database.close();
    expect(rows).toEqual([]);
  });

  it.each([0, 2.5, 8, 65])("of %d agents is refused", async (agents) => {
    const polylogue = await openSimulated();
    await expect(polylogue.handshake({ agents })).rejects.toMatchObject({ code: "MEMBERS_COUNT" });
  });
});
