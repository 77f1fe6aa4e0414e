import { expect, it } from "vitest";
import { cards, createWorld, hold, preferring, request, voter } from "../world.ts";

it("asks one agent", async () => {
  const world = await createWorld();
  const roster = cards("claude");
  const process = await world.start({ agents: roster.map((card) => ({ card, steps: ["Yes, one."] })) });
  const { outcome } = await hold(world, process, request(roster, { orchestration: "ask" }));
  expect(outcome).toMatchObject({ status: "decided", answer: "Yes, one.", turns: 1, rounds: 1 });
});

it("debates", async () => {
  const world = await createWorld();
  const roster = cards("claude", "gemini", "deepseek");
  const process = await world.start({
    agents: roster.map((card) => ({
      card,
      otherwise: voter(preferring("claude says"), (call) => `${card.id} says ${call}`),
    })),
  });
  const { outcome } = await hold(world, process, request(roster));
  expect(outcome).toMatchObject({ status: "decided", answer: "claude says 1", turns: 9, rounds: 3 });
});
