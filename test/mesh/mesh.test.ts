// The mesh as its users see it: agents join, shake hands, speak in every mode,
// leave.
import { afterEach, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { ask, createWorld, text, type World } from "./mesh-harness.ts";

let world: World;
afterEach(() => world.close());

describe("three agents", () => {
  it("shake hands, so that all hold one roster", async () => {
    verifies("R2.1");
    world = await createWorld();
    const process = await world.process();
    await world.run(process.join("claude", "gemini", "deepseek"));
    const conversation = world.conversation();
    const report = await world.run(process.shake(conversation, ["claude", "gemini", "deepseek"]));
    expect(report.epoch).toBe(1);
    expect(report.members.map((member) => member.agent)).toEqual(["claude", "deepseek", "gemini"]);
    expect(report.refused).toEqual([]);
    expect(report.links).toHaveLength(6);
    expect(report.links.every((link) => link.open)).toBe(true);
    const held = process.mesh.portViews(conversation);
    expect(held.map((port) => port.installed?.digest)).toEqual([report.digest, report.digest, report.digest]);
    expect(await world.kinds(conversation)).toEqual([
      "handshake.proposed",
      "handshake.confirmed",
      "handshake.confirmed",
      "handshake.confirmed",
      "handshake.installed",
    ]);
  });

  it("answer a request each, and every answer reaches the others", async () => {
    verifies("R2.4");
    world = await createWorld();
    const process = await world.process();
    await world.run(process.join("claude", "gemini", "deepseek"));
    const conversation = world.conversation();
    await world.run(process.shake(conversation, ["claude", "gemini", "deepseek"]));
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "claude")));
    await world.wait(1_000);
    expect((await world.kinds(conversation)).slice(5)).toEqual([
      "message.accepted",
      "message.delivered",
      "message.started",
      "turn.started",
      "message.accepted",
      "message.answered",
      "turn.completed",
      "message.delivered",
      "message.delivered",
    ]);
    const [, reply] = await world.of(conversation, "message.accepted");
    expect(reply?.data.envelope).toMatchObject({
      from: "claude",
      recipients: ["deepseek", "gemini"],
      intent: "reply",
      epoch: 1,
      incarnation: 1,
    });
    expect(await process.journal.body((reply as NonNullable<typeof reply>).data.envelope.body)).toEqual({
      parts: text("claude answers"),
    });
  });
});
