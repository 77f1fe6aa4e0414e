// Links proved by messages: n agents have n(n−1)/2 links, each proved in both
// directions through the real delivery path.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConversationId, MESH_STREAM } from "../../src/domain/ids.ts";
import { verifies } from "../requirements.ts";
import { createWorld, type World } from "./mesh-harness.ts";

let world: World;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  conversation = world.conversation();
});
afterEach(() => world.close());

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `agent-${index}`);

describe("every directed link", () => {
  it.each([
    [1, 0],
    [3, 3],
    [7, 21],
    [16, 120],
  ])("of %i agents is proved: %i links, twice as many directions", async (count, links) => {
    verifies("R3.4", "R8.2");
    const process = await world.process();
    await world.run(process.join(...names(count)));
    await world.run(process.shake(conversation, names(count)));
    const report = await world.run(process.mesh.verifyLinks(conversation));
    expect(report.links).toHaveLength(links * 2);
    expect(report.links.every((link) => link.open && link.rttUs !== undefined && link.rttUs < 1_000_000)).toBe(true);
    expect(new Set(report.links.map((link) => `${link.from} ${link.to}`)).size).toBe(links * 2);
    const answered = await world.of(conversation, "message.answered");
    expect(answered).toHaveLength(links * 2);
  });

  it("is proved by the service where one serves the conversation", async () => {
    const process = await world.process();
    await world.run(process.join("a", "b", "c"));
    await world.run(process.shake(conversation, ["a", "b", "c"]));
    await world.run(process.serve(conversation));
    const report = await world.run(process.mesh.verifyLinks(conversation));
    expect(report.links.filter((link) => link.open && link.rttUs !== undefined)).toHaveLength(6);
    expect(process.turns).toEqual([]);
  });

  it("in batches, where there are more links than probes may be under way", async () => {
    const process = await world.process({ limits: { linkProbesMax: 4 } });
    await world.run(process.join("a", "b", "c"));
    await world.run(process.shake(conversation, ["a", "b", "c"]));
    const report = await world.run(process.mesh.verifyLinks(conversation));
    expect(report.links.filter((link) => link.rttUs !== undefined)).toHaveLength(6);
  });

  it("is closed where one end has another port than the view knows", async () => {
    const process = await world.process();
    await world.run(process.join("a", "b", "c"));
    await world.run(process.shake(conversation, ["a", "b", "c"]));
    // Another process took the port for dead; nobody has shaken hands since.
    const evicted = { agent: "a", incarnation: 1, reason: "a test" };
    await world.run(
      process.journal.append({
        stream: MESH_STREAM,
        decide: () => ({ events: [{ kind: "agent.evicted", actor: "a", data: evicted }], result: undefined }),
      }),
    );
    await world.wait(3_000);
    const { links } = await world.run(process.mesh.verifyLinks(conversation));
    expect(links.filter((link) => link.open).map(({ from, to }) => `${from}${to}`)).toEqual(["bc", "cb"]);
    expect(links).toHaveLength(6);
  });

  it("is not told of by a process that does not coordinate", async () => {
    const process = await world.process();
    await world.run(process.join("a", "b"));
    await world.run(process.shake(conversation, ["a", "b"]));
    const service = await world.run(process.serve(conversation));
    await world.run(service.stop("a test"));
    expect(await world.run(process.mesh.verifyLinks(conversation))).toMatchObject({ epoch: 1, links: [] });
  });
});
