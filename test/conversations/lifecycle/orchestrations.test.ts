// The orchestrations end to end: real journal, real mesh, scripted members.
import { describe, expect, it } from "vitest";
import type { AgentRequest } from "../../../src/agents/agent.ts";
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import type { AgentCard } from "../../../src/domain/agent-card.ts";
import type { Failure } from "../../../src/domain/failure.ts";
import { textOf } from "../../../src/domain/part.ts";
import { verifies } from "../../requirements.ts";
import { cards, createWorld, hold, type Process, preferring, request, voter, type World } from "../world.ts";

const FATAL: Failure = { class: "auth", code: "VENDOR_AUTH", reason: "the key was refused" };
const PARTY = ["claude", "gemini", "deepseek"] as const;

interface Member {
  readonly id: string;
  readonly step: ScriptedStep;
}

async function table(
  members: readonly Member[],
  prices?: { inputNanoUsdPerToken: number; outputNanoUsdPerToken: number },
) {
  const world = await createWorld();
  const roster = cards(...members.map(({ id }) => id));
  const agents = members.map(({ step }, index) => ({ card: roster[index] as AgentCard, otherwise: step }));
  const process = await world.start({ agents, ...(prices === undefined ? {} : { prices }) });
  return { world, roster, process };
}

const saying = (id: string, favourite: string): Member => ({
  id,
  step: voter(preferring(favourite), (call) => `${id} says ${call}`),
});

function shownTo(
  process: Process,
  id: string,
  call: number,
): { readonly request: AgentRequest; readonly last: string } {
  const asked = process.agent(id).requests[call];
  if (asked === undefined) throw new Error(`${id} was asked only ${process.agent(id).requests.length} times`);
  return { request: asked, last: textOf(asked.history.at(-1)?.parts ?? []) };
}

async function ended(world: World): Promise<void> {
  await world.close();
}

describe("ask and gather", () => {
  it("one agent answers", async () => {
    const { world, roster, process } = await table([{ id: "claude", step: "Yes, one." }]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "ask" }));
    expect(outcome).toMatchObject({ status: "decided", answer: "Yes, one.", turns: 1, rounds: 1 });
    expect(outcome.decision).toMatchObject({ rule: "none", winner: null });
    await ended(world);
  });

  it("one agent fails: the conversation has failed, and says why", async () => {
    const { world, roster, process } = await table([{ id: "claude", step: { failure: FATAL } }]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "ask" }));
    expect(outcome).toMatchObject({ status: "failed", answer: null });
    expect(outcome.quorum.failed).toEqual([{ agent: "claude", code: "VENDOR_AUTH", reason: expect.any(String) }]);
    expect(outcome.stopReasons[0]).toContain("quorum");
    await ended(world);
  });

  it("every reply of a gathering is kept, under its author's name; a failure degrades it", async () => {
    const { world, roster, process } = await table([
      { id: "claude", step: "alpha" },
      { id: "gemini", step: { failure: FATAL } },
      { id: "deepseek", step: "gamma" },
    ]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "gather" }));
    expect(outcome).toMatchObject({ status: "degraded", answer: "## claude\n\nalpha\n\n## deepseek\n\ngamma" });
    await ended(world);
  });
});

describe("round-robin", () => {
  it("everybody hears everybody before, and the last word stands", async () => {
    verifies("R2.4");
    const { world, roster, process } = await table(PARTY.map((id) => saying(id, "")));
    const { outcome } = await hold(
      world,
      process,
      request(roster, { orchestration: "round-robin", settings: { rounds: 2 } }),
    );
    expect(outcome).toMatchObject({ status: "decided", answer: "deepseek says 1", turns: 6 });
    expect(outcome.decision).toMatchObject({ rule: "last", winner: "deepseek" });
    expect(shownTo(process, "gemini", 0).last).toContain('<message from="claude" round="0">\nclaude says 0');
    const second = shownTo(process, "claude", 1);
    expect(second.request.history.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(second.last).toContain('<message from="gemini" round="0">');
    expect(second.last).toContain('<message from="deepseek" round="0">');
    expect(second.last).not.toContain('<message from="claude"');
    await ended(world);
  });

  it("a speaker who fails is passed over from then on", async () => {
    const { world, roster, process } = await table([
      saying("claude", ""),
      { id: "gemini", step: { failure: FATAL } },
      saying("deepseek", ""),
    ]);
    const { outcome } = await hold(
      world,
      process,
      request(roster, { orchestration: "round-robin", settings: { rounds: 2 } }),
    );
    expect(outcome).toMatchObject({ status: "degraded", answer: "deepseek says 1", turns: 5 });
    expect(process.agent("gemini").requests).toHaveLength(1);
    await ended(world);
  });
});

describe("debate", () => {
  it("is blind first, then open; ballots are anonymous, and Borda decides with dissent", async () => {
    verifies("R2.4");
    const { world, roster, process } = await table([
      saying("claude", "gemini says 1"),
      saying("gemini", "claude says 1"),
      saying("deepseek", "claude says 1"),
    ]);
    const { id, outcome } = await hold(world, process, request(roster));
    expect(outcome).toMatchObject({ status: "decided", answer: "claude says 1", rounds: 3, turns: 9 });
    expect(outcome.decision).toMatchObject({ rule: "borda", winner: "claude" });
    expect(outcome.decision.tallies).toEqual({ claude: 1, gemini: 0.5, deepseek: 0 });
    expect(outcome.decision.reasons).toEqual(["it is best supported", "it is best supported"]);
    // Claude could not vote for itself, so it does not dissent; all others chose it.
    expect(outcome.dissent).toEqual([]);
    expect(outcome.stopReasons).toEqual(["rounds(2)"]);

    const [blind, open, ballot] = [0, 1, 2].map((call) => shownTo(process, "claude", call));
    expect(blind?.last).not.toContain("<message");
    expect(open?.last).toContain('<message from="gemini" round="0">\ngemini says 0');
    expect(ballot?.last).not.toContain("<message");
    expect(ballot?.last).not.toContain("claude says");
    expect(ballot?.request.history).toHaveLength(1);
    expect(ballot?.request.answerFormat?.schema).toMatchObject({
      properties: {
        ranking: { items: { enum: ["Response A", "Response B"] }, minItems: 2, maxItems: 2, uniqueItems: true },
      },
    });

    const cast = await world.eventsOf(id, "ballot.cast");
    expect(cast).toHaveLength(3);
    for (const { data } of cast) expect(data.orderShown).toEqual(["Response A", "Response B"]);
    await ended(world);
  });

  it("a cycle of preferences is a tie, and is reported as the tie it is", async () => {
    const { world, roster, process } = await table([
      saying("claude", "gemini says 1"),
      saying("gemini", "deepseek says 1"),
      saying("deepseek", "claude says 1"),
    ]);
    const { outcome } = await hold(world, process, request(roster));
    expect(outcome).toMatchObject({
      status: "no_decision",
      answer: null,
      extra: { tied: ["claude", "gemini", "deepseek"] },
    });
    expect(outcome.decision.winner).toBeNull();
    expect(outcome.decision.reasons).toEqual(["tie between claude and gemini and deepseek"]);
    await ended(world);
  });

  it("an unreadable ballot is asked for once more, and is then an abstention", async () => {
    const gibberish: ScriptedStep = (asked, call) =>
      asked.answerFormat === undefined ? `gemini says ${call}` : "I like them all.";
    const { world, roster, process } = await table([
      saying("claude", "gemini says 1"),
      { id: "gemini", step: gibberish },
      saying("deepseek", "gemini says 1"),
    ]);
    const { outcome } = await hold(world, process, request(roster));
    expect(outcome).toMatchObject({ status: "decided", answer: "gemini says 1" });
    const ballot = outcome.ballots.find(({ agent }) => agent === "gemini");
    expect(ballot).toMatchObject({ abstained: true, reason: expect.stringContaining("no JSON object") });
    expect(outcome.quorum.failed).toEqual([]);
    const requests = process.agent("gemini").requests;
    expect(requests).toHaveLength(4);
    expect(requests[3]?.history.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(textOf(requests[3]?.history.at(-1)?.parts ?? [])).toContain("it holds no JSON object");
    await ended(world);
  });

  it("a ballot in a code fence with words around it counts", async () => {
    const talkative: ScriptedStep = (asked, call) => {
      if (asked.answerFormat === undefined) return `gemini says ${call}`;
      return 'Gladly!\n```json\n{"ranking": ["Response B", "Response A"], "reason": "clear"}\n```\nThat is all.';
    };
    const { world, roster, process } = await table([
      saying("claude", ""),
      { id: "gemini", step: talkative },
      saying("deepseek", ""),
    ]);
    const { id, outcome } = await hold(world, process, request(roster));
    expect(outcome.ballots.some(({ abstained }) => abstained)).toBe(false);
    const cast = (await world.eventsOf(id, "ballot.cast")).find(({ actor }) => actor === "gemini");
    expect(cast?.data.ballot).toMatchObject({ ranking: ["Response B", "Response A"], reason: "clear" });
    await ended(world);
  });

  it("with two members both answers are ranked, and one has to concede", async () => {
    const conceding = await table([saying("claude", "gemini says 1"), saying("gemini", "gemini says 1")]);
    const { outcome } = await hold(conceding.world, conceding.process, request(conceding.roster));
    expect(outcome).toMatchObject({ status: "decided", answer: "gemini says 1" });
    expect(outcome.ballots.map(({ ranking }) => ranking?.length)).toEqual([2, 2]);
    const proud = await table([saying("claude", "claude says 1"), saying("gemini", "gemini says 1")]);
    expect((await hold(proud.world, proud.process, request(proud.roster))).outcome.status).toBe("no_decision");
    await ended(conceding.world);
    await ended(proud.world);
  });

  it("stops early when everybody says the same", async () => {
    const { world, roster, process } = await table(PARTY.map((id) => ({ id, step: "**Yes.**" })));
    const { outcome } = await hold(world, process, request(roster, { settings: { rounds: 5 } }));
    expect(outcome).toMatchObject({ status: "decided", answer: "**Yes.**", turns: 3, stopReasons: ["agreement"] });
    expect(outcome.decision.rule).toBe("unanimity");
    await ended(world);
  });

  it("goes on with a quorum when a member fails, and says who", async () => {
    const { world, roster, process } = await table([
      saying("claude", "claude says 1"),
      { id: "gemini", step: { failure: FATAL } },
      saying("deepseek", "claude says 1"),
    ]);
    const { outcome } = await hold(world, process, request(roster));
    expect(outcome).toMatchObject({ status: "degraded", answer: "claude says 1" });
    expect(outcome.quorum).toEqual({
      asked: PARTY,
      answered: ["claude", "deepseek"],
      failed: [{ agent: "gemini", code: "VENDOR_AUTH", reason: expect.any(String) }],
    });
    await ended(world);
  });

  it("fails below its quorum", async () => {
    const { world, roster, process } = await table([
      saying("claude", ""),
      { id: "gemini", step: { failure: FATAL } },
      { id: "deepseek", step: { failure: FATAL } },
    ]);
    const { outcome } = await hold(world, process, request(roster));
    expect(outcome).toMatchObject({ status: "failed", stopReasons: ["quorum: 1 of at least 2 answered"], turns: 3 });
    await ended(world);
  });

  it("records as evidence only what stands in an attachment, in the attachment's own words", async () => {
    const text = "Line one.\nThe store keeps one\nwriter per file, always.\nLine four.";
    const claude = voter(
      preferring("none"),
      () => 'Yes: "The store keeps one writer per file, always." and "this sentence was invented by me".',
    );
    const { world, roster, process } = await table([
      { id: "claude", step: claude },
      saying("gemini", "Yes:"),
      saying("deepseek", "Yes:"),
    ]);
    const attachments = [{ name: "design.md", mediaType: "text/markdown", text }];
    const { id, outcome } = await hold(world, process, request(roster, { attachments }));
    expect(outcome.decision.winner).toBe("claude");
    const [evidence] = outcome.decision.evidence;
    expect(outcome.decision.evidence).toHaveLength(1);
    expect(evidence).toMatchObject({
      agent: "claude",
      source: "design.md",
      quote: "The store keeps one\nwriter per file, always.",
    });
    expect(text).toContain(evidence?.quote);
    const replies = (await world.eventsOf(id, "message.accepted")).map(({ data }) => data.envelope);
    expect(replies.find((envelope) => envelope.id === evidence?.messageId)).toMatchObject({
      from: "claude",
      intent: "reply",
    });
    await ended(world);
  });
});

describe("council", () => {
  const chairing = (id: string, favourite: string): Member => {
    const votes = voter(preferring(favourite), () => `${id} answers`);
    return {
      id,
      step: (asked, call) => {
        if (textOf(asked.history.at(-1)?.parts ?? []).includes("You chair this council")) return `${id} sums up`;
        const properties = asked.answerFormat?.schema.properties;
        const reply = typeof votes === "function" ? votes(asked, call) : votes;
        if (typeof properties !== "object" || properties === null || !("critiques" in properties)) return reply;
        const { json } = reply as { json: { ranking: string[]; reason: string } };
        return { json: { ...json, critiques: json.ranking.map((label) => ({ label, critique: `${label} is thin` })) } };
      },
    };
  };

  it("answers, reviews without names, and the chair sums up", async () => {
    const { world, roster, process } = await table([
      chairing("claude", "gemini answers"),
      chairing("gemini", "claude answers"),
      chairing("deepseek", "gemini answers"),
    ]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "council" }));
    expect(outcome).toMatchObject({
      status: "decided",
      answer: "claude sums up",
      turns: 7,
      extra: { synthesisBy: "claude" },
    });
    expect(outcome.decision).toMatchObject({ rule: "synthesis", winner: "gemini" });
    const { last } = shownTo(process, "claude", 2);
    expect(last).toContain("claude answers");
    expect(last).toContain("1.00 points of the reviewers");
    expect(last).toContain("is thin");
    expect(last).not.toContain('from="gemini"');
    await ended(world);
  });

  it("a chair who fails hands over to the next in the list", async () => {
    const broken = chairing("claude", "gemini answers");
    const step: ScriptedStep = (asked, call) =>
      call === 2 ? { failure: FATAL } : typeof broken.step === "function" ? broken.step(asked, call) : broken.step;
    const { world, roster, process } = await table([
      { id: "claude", step },
      chairing("gemini", "claude answers"),
      chairing("deepseek", "gemini answers"),
    ]);
    const settings = { chairs: "claude, deepseek" };
    const { outcome } = await hold(world, process, request(roster, { orchestration: "council", settings }));
    expect(outcome).toMatchObject({
      status: "degraded",
      answer: "deepseek sums up",
      extra: { synthesisBy: "deepseek" },
    });
    await ended(world);
  });

  it("without any chair the best-ranked answer stands, labelled as what it is", async () => {
    const broken = chairing("claude", "gemini answers");
    const step: ScriptedStep = (asked, call) =>
      call === 2 ? { failure: FATAL } : typeof broken.step === "function" ? broken.step(asked, call) : broken.step;
    const { world, roster, process } = await table([
      { id: "claude", step },
      chairing("gemini", "claude answers"),
      chairing("deepseek", "gemini answers"),
    ]);
    const { outcome } = await hold(
      world,
      process,
      request(roster, { orchestration: "council", settings: { chairs: "claude" } }),
    );
    expect(outcome).toMatchObject({ status: "degraded", answer: "gemini answers", extra: { synthesisBy: null } });
    expect(outcome.decision.reasons[0]).toContain("not a synthesis");
    await ended(world);
  });

  it("of two members the chair compares, without a ranking", async () => {
    const { world, roster, process } = await table([chairing("claude", ""), chairing("gemini", "")]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "council" }));
    expect(outcome).toMatchObject({ status: "decided", answer: "claude sums up", turns: 3, ballots: [] });
    await ended(world);
  });

  it("refuses a chair who is no member, before anything is asked", async () => {
    const { world, roster, process } = await table([chairing("claude", ""), chairing("gemini", "")]);
    const creating = process.conversations.create(
      request(roster, { orchestration: "council", settings: { chairs: "bob" } }),
    );
    await expect(world.clock.run(creating)).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("bob"),
    });
    await ended(world);
  });
});

describe("vote", () => {
  const choosing = (id: string, choice: string): Member => ({
    id,
    step: voter(
      (options) => [choice, ...options.filter((option) => option !== choice)],
      () => `${id} thinks ${choice}`,
    ),
  });

  it("counts blind ballots over given options", async () => {
    const { world, roster, process } = await table([
      choosing("claude", "no"),
      choosing("gemini", "yes"),
      choosing("deepseek", "yes"),
    ]);
    const { outcome } = await hold(
      world,
      process,
      request(roster, { orchestration: "vote", settings: { options: "yes|no" } }),
    );
    expect(outcome).toMatchObject({ status: "decided", answer: "yes", turns: 3 });
    expect(outcome.decision).toMatchObject({ rule: "plurality", winner: "yes", tallies: { yes: 2, no: 1 } });
    expect(outcome.dissent).toEqual([{ agent: "claude", position: "no", reason: "it is best supported" }]);
    expect(shownTo(process, "deepseek", 0).last).not.toContain("<message");
    await ended(world);
  });

  it("misses a threshold openly", async () => {
    const { world, roster, process } = await table([
      choosing("claude", "no"),
      choosing("gemini", "yes"),
      choosing("deepseek", "yes"),
    ]);
    const settings = { options: "yes|no", rule: "supermajority", threshold: 0.7 };
    const { outcome } = await hold(world, process, request(roster, { orchestration: "vote", settings }));
    expect(outcome).toMatchObject({ status: "no_decision", answer: null });
    expect(outcome.decision.reasons).toEqual(["yes leads with 2 of 3 votes, but at least 0.7 of them were needed"]);
    await ended(world);
  });

  it("lets members propose, then rank the proposals of others", async () => {
    const { world, roster, process } = await table([
      saying("claude", "deepseek says 0"),
      saying("gemini", "deepseek says 0"),
      saying("deepseek", "claude says 0"),
    ]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "vote" }));
    expect(outcome).toMatchObject({ status: "decided", answer: "deepseek says 0", turns: 6 });
    expect(outcome.decision.rule).toBe("borda");
    await ended(world);
  });

  it("discusses first where it is told to: blind, then open", async () => {
    const { world, roster, process } = await table([choosing("claude", "yes"), choosing("gemini", "yes")]);
    const settings = { options: "yes|no", discussionRounds: 2 };
    const { outcome } = await hold(world, process, request(roster, { orchestration: "vote", settings }));
    expect(outcome).toMatchObject({ status: "decided", answer: "yes", turns: 6 });
    expect(shownTo(process, "claude", 0).last).not.toContain("<message");
    expect(shownTo(process, "claude", 1).last).toContain('<message from="gemini" round="0">');
    expect(shownTo(process, "claude", 2).last).toContain('<message from="gemini" round="1">');
    await ended(world);
  });

  it("refuses a vote on a single option", async () => {
    const { world, roster, process } = await table([choosing("claude", "yes"), choosing("gemini", "yes")]);
    const creating = process.conversations.create(
      request(roster, { orchestration: "vote", settings: { options: "yes" } }),
    );
    await expect(world.clock.run(creating)).rejects.toMatchObject({ code: "USAGE" });
    await ended(world);
  });
});
