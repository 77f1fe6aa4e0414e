// What is refused before a conversation exists, and what members are told beside its question.
import { describe, expect, it } from "vitest";
import type { AgentCard } from "../../../src/domain/agent-card.ts";
import { USER } from "../../../src/domain/ids.ts";
import { textOf } from "../../../src/domain/part.ts";
import { verifies } from "../../requirements.ts";
import { cards, createWorld, hold, type Process, request } from "../world.ts";

import { gather, party, roster, slowly, speaking } from "./party.ts";

describe("creating", () => {
  it.each([
    ["an orchestration that does not exist", { orchestration: "quarrel" }, "ORCHESTRATION_UNKNOWN"],
    ["an empty question", { question: "  " }, "USAGE"],
    ["a setting out of range", { settings: { rounds: 99 } }, "USAGE"],
    ["too few members", { roster: cards("claude") }, "MEMBERS_COUNT"],
    ["the same member twice", { roster: cards("claude", "claude") }, "MEMBERS_COUNT"],
    ["too many members", { orchestration: "ask" }, "MEMBERS_COUNT"],
    [
      "going on from what does not exist",
      { continues: "01920000-0000-7000-8000-000000000000" },
      "CONVERSATION_UNKNOWN",
    ],
  ])("refuses %s, and writes nothing", async (_what, overrides, code) => {
    const world = await createWorld();
    const process = await world.start({ agents: [] });
    await expect(world.clock.run(process.conversations.create(request(roster, overrides)))).rejects.toMatchObject({
      code,
    });
    expect(await world.store.events({ after: 0, limit: 10 })).toEqual([]);
    await world.close();
  });

  it("refuses attachments that are too large together", async () => {
    const world = await createWorld();
    const process = await world.start({ agents: [], conversations: { limits: { attachmentsBytesMax: 10 } } });
    const attachments = [{ name: "a.md", mediaType: "text/markdown", text: "12345678901" }];
    const creating = process.conversations.create(request(roster, { attachments }));
    await expect(world.clock.run(creating)).rejects.toMatchObject({ code: "ATTACHMENT_TOO_LARGE" });
    await world.close();
  });

  it("marks everything of a simulated conversation", async () => {
    const world = await createWorld();
    const { id } = await hold(world, await world.start(party()), request(roster));
    const events = await world.events(id);
    expect(events.length).toBeGreaterThan(20);
    expect(events.every(({ simulated }) => simulated)).toBe(true);
    await world.close();
  });
});

describe("what members are told beside the question", () => {
  const lastShown = (process: Process, id: string, call: number): string =>
    textOf(process.agent(id).requests[call]?.history.at(-1)?.parts ?? []);

  it("the user's further message, in their next turns", async () => {
    verifies("R2.4");
    const world = await createWorld();
    const process = await world.start(party({ claude: slowly(3_000, "claude says it") }));
    const id = await world.clock.run(process.conversations.create(request(roster, { settings: { rounds: 2 } })));
    const running = process.conversations.run(id);
    await world.clock.advance(1_000);
    await world.clock.run(process.conversations.send(id, "Think of the disk, too."));
    await world.clock.run(process.conversations.send(id, "For gemini only.", ["gemini"]));
    await world.clock.run(running);
    expect(lastShown(process, "claude", 0)).not.toContain("Think of the disk");
    for (const { id: agent } of roster) {
      expect(lastShown(process, agent, 1)).toContain(
        `<message from="${USER}" trust="user">\nThink of the disk, too.\n</message>`,
      );
    }
    expect(lastShown(process, "gemini", 1)).toContain("For gemini only.");
    expect(lastShown(process, "deepseek", 1)).not.toContain("For gemini only.");
    await expect(world.clock.run(process.conversations.send(id, "late"))).rejects.toMatchObject({
      code: "CONVERSATION_ENDED",
    });
    await world.close();
  });

  it("what came of the conversation it goes on from", async () => {
    const world = await createWorld();
    const process = await world.start(party());
    const earlier = await hold(world, process, gather({ question: "What now?" }));
    const before = process.agent("claude").requests.length;
    await hold(world, process, gather({ continues: earlier.id }));
    const shown = lastShown(process, "claude", before);
    expect(shown).toContain('<earlier-conversation from="coordinator" trust="agent">\nQuestion: What now?');
    expect(shown).toContain("claude says it");
    await world.close();
  });

  it("a simulated conversation is only gone on from by simulators, a real one never, and a running one not at all", async () => {
    const world = await createWorld();
    const process = await world.start(party());
    const { id } = await hold(world, process, gather());
    const create = (overrides: Parameters<typeof request>[1]) =>
      world.clock.run(process.conversations.create(gather(overrides)));
    await expect(create({ continues: id, simulated: false })).rejects.toMatchObject({ code: "CONVERSATION_SIMULATED" });
    const real = await create({ simulated: false });
    await expect(create({ continues: real })).rejects.toMatchObject({ code: "CONVERSATION_NOT_SIMULATED" });
    const running = await create({});
    await expect(create({ continues: running })).rejects.toMatchObject({ code: "USAGE" });
    await world.close();
  });

  it("nobody is asked what does not fit its window", async () => {
    const world = await createWorld();
    const narrow: AgentCard[] = roster.map((card) =>
      card.id === "gemini" ? { ...card, contextTokensMax: 9_000 } : card,
    );
    const process = await world.start({ agents: narrow.map((card) => ({ card, otherwise: speaking(card.id) })) });
    const attachments = [{ name: "long.md", mediaType: "text/markdown", text: "word ".repeat(1_000) }];
    const { outcome } = await hold(world, process, request(narrow, { orchestration: "gather", attachments }));
    expect(outcome.status).toBe("degraded");
    expect(outcome.quorum.failed).toMatchObject([
      { agent: "gemini", code: expect.stringMatching(/CONTEXT_TOO_LARGE|WINDOW/) },
    ]);
    expect(process.agent("gemini").requests).toHaveLength(0);
    await world.close();
  });
});
