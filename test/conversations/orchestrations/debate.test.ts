// The debate end to end: real journal, real mesh, scripted members.
import { describe, expect, it } from "vitest";
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import { textOf } from "../../../src/domain/part.ts";
import { verifies } from "../../requirements.ts";
import { hold, preferring, request, voter } from "../world.ts";

import { ended, FATAL, PARTY, saying, shownTo, table } from "./table.ts";

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
    expect(open?.last).toContain('<message from="gemini" round="0" trust="agent">\ngemini says 0');
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

  it("reasons name authors, because each voter was shown other labels", async () => {
    const because = (id: string, favourite: string) => ({
      id,
      step: voter(
        preferring(favourite),
        (call) => `${id} says ${call}`,
        ([first, second]) => `${first} is right, ${second} is not`,
      ),
    });
    const { world, roster, process } = await table([
      because("claude", "gemini says 1"),
      because("gemini", "claude says 1"),
      because("deepseek", "claude says 1"),
    ]);
    const { outcome } = await hold(world, process, request(roster));
    expect(outcome.decision.reasons).toEqual([
      "claude's answer is right, deepseek's answer is not",
      "claude's answer is right, gemini's answer is not",
    ]);
    expect(outcome.ballots[0]?.reason).toBe("gemini's answer is right, deepseek's answer is not");
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
