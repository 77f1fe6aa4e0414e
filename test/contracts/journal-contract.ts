// The journal contract as one suite, run over every store.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isTraceparent } from "../../src/domain/trace.ts";
import type { Decision, Journal } from "../../src/journal/journal.ts";
import { sha256 } from "../../src/platform/hash.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Store } from "../../src/storage/store.ts";
import { verifies } from "../requirements.ts";
import { collect, notes, openJournal } from "./journal-fixture.ts";
import { projectionContract } from "./journal-projection-contract.ts";
import { createdEvent, noteEvent, reasonOf, sampleId } from "./sample-events.ts";
import type { StoreHarness, StoreHome } from "./store-harness.ts";

const STREAM = sampleId("conversation");
const OTHER = sampleId("other conversation");

export function journalContract(harness: StoreHarness): void {
  describe(`journal contract: ${harness.name}`, () => {
    let home: StoreHome;
    let clock: VirtualClock;
    let store: Store;
    let journal: Journal;

    beforeEach(async () => {
      clock = createVirtualClock();
      home = await harness.createHome();
      store = await home.open(clock);
      journal = await openJournal(store, clock);
    });
    afterEach(async () => {
      await store.close();
      await home.dispose();
    });

    const reasons = async (stream?: string): Promise<string[]> =>
      (await journal.read({ ...(stream === undefined ? {} : { stream }), after: 0, limit: 100 })).map(reasonOf);

    describe("append", () => {
      it("stamps every event and returns it as it can be read", async () => {
        const appended = await journal.append({ stream: STREAM, decide: notes("a", "b") });
        expect(appended.result).toBe(2);
        expect(appended.events.map((event) => event.seq)).toEqual([1, 2]);
        expect(appended.events.every((event) => event.atUs === clock.nowUs() && !event.simulated)).toBe(true);
        expect(await journal.read({ stream: STREAM, after: 0, limit: 9 })).toEqual(appended.events);
      });

      it("gives each event a span of its own, under the request's trace or a new one", async () => {
        const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01" };
        const under = await journal.append({ stream: STREAM, trace, decide: notes("a", "b") });
        const fresh = await journal.append({ stream: STREAM, decide: notes("c", "d") });
        const traceparents = [...under.events, ...fresh.events].map((event) => event.trace.traceparent);
        expect(traceparents.every(isTraceparent)).toBe(true);
        expect(new Set(traceparents).size).toBe(4);
        const traceIds = traceparents.map((traceparent) => traceparent.slice(3, 35));
        expect(traceIds.slice(0, 2)).toEqual(Array(2).fill("0af7651916cd43dd8448eb211c80319c"));
        expect(traceIds[2]).toBe(traceIds[3]);
        expect(traceIds[2]).not.toBe(traceIds[0]);
      });

      it("keeps what an event brings itself: id, cause, trace", async () => {
        const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00" };
        const own = { ...noteEvent("own"), id: sampleId("own"), causationId: sampleId("cause"), trace };
        await journal.append({ stream: STREAM, decide: () => ({ events: [own], result: null }) });
        expect(await journal.read({ stream: STREAM, after: 0, limit: 1 })).toMatchObject([own]);
        const again = journal.append({ stream: STREAM, decide: () => ({ events: [own], result: null }) });
        await expect(again).rejects.toMatchObject({ code: "DUPLICATE" });
      });

      it("writes to several streams in the order of the decision, each with its own seq", async () => {
        await journal.append({ stream: OTHER, decide: notes("before") });
        const { events } = await journal.append({
          stream: STREAM,
          decide: () => ({
            events: [
              noteEvent("1"),
              noteEvent("2", { stream: OTHER }),
              noteEvent("3"),
              noteEvent("4", { stream: OTHER }),
            ],
            result: null,
          }),
        });
        expect(events.map((event) => [event.stream, event.seq])).toEqual([
          [STREAM, 1],
          [OTHER, 2],
          [STREAM, 2],
          [OTHER, 3],
        ]);
        expect(await reasons()).toEqual(["before", "1", "2", "3", "4"]);
      });

      it("decides on what is committed and on what was decided before it in the same turn", async () => {
        const decide = (view: { lastSeq(stream: string): number }): Decision<number> => {
          const seen = view.lastSeq(STREAM);
          return { events: [noteEvent(`after ${seen}`)], result: seen };
        };
        const all = await Promise.all([1, 2, 3].map(() => journal.append({ stream: STREAM, decide })));
        expect(all.map((appended) => appended.result)).toEqual([0, 1, 2]);
      });

      it("that refuses harms nobody else", async () => {
        const refusal = new Error("no");
        const results = await Promise.allSettled([
          journal.append({ stream: STREAM, decide: notes("a") }),
          journal.append({
            stream: STREAM,
            decide: () => {
              throw refusal;
            },
          }),
          journal.append({ stream: STREAM, decide: notes("b") }),
        ]);
        expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
        expect(results[1]).toMatchObject({ reason: refusal });
        expect(await reasons(STREAM)).toEqual(["a", "b"]);
      });

      it("of nothing writes nothing and returns its result", async () => {
        let changes = 0;
        journal.onChange(() => changes++);
        const body = journal.encodeBody("unused");
        const decide = (): Decision<string> => ({ events: [], bodies: [body], result: "nothing to do" });
        expect(await journal.append({ stream: STREAM, decide })).toEqual({ result: "nothing to do", events: [] });
        expect(changes).toBe(0);
        await expect(journal.body(body.ref)).rejects.toMatchObject({ code: "BODY_MISSING" });
      });

      it("with an expected seq succeeds for one of several", async () => {
        const attempts = await Promise.allSettled(
          ["a", "b"].map((reason) => journal.append({ stream: STREAM, expectedSeq: 0, decide: notes(reason) })),
        );
        expect(attempts[0]?.status).toBe("fulfilled");
        expect(attempts[1]).toMatchObject({ reason: { code: "SEQ_CONFLICT" } });
        await journal.append({ stream: STREAM, expectedSeq: 1, decide: notes("c") });
        expect(await reasons(STREAM)).toEqual(["a", "c"]);
      });

      it("under a lease is refused once another owner has it", async () => {
        const request = { name: "l", ttlMs: 1 };
        const lease = await store.acquireLease({ ...request, owner: "a", nowUs: 0 });
        if (lease === undefined) throw new Error("the lease was free");
        await journal.append({ stream: STREAM, lease, decide: notes("mine") });
        await store.acquireLease({ ...request, owner: "b", nowUs: 5_000 });
        const late = journal.append({ stream: STREAM, lease, decide: notes("late") });
        await expect(late).rejects.toMatchObject({ code: "LEASE_LOST" });
        expect(await reasons(STREAM)).toEqual(["mine"]);
      });
    });

    describe("simulated", () => {
      const append = (events: Decision<null>["events"], request: { simulated?: boolean; stream?: string } = {}) =>
        journal.append({ stream: STREAM, ...request, decide: () => ({ events, result: null }) });
      const marks = async (): Promise<boolean[]> =>
        (await journal.read({ after: 0, limit: 100 })).map((event) => event.simulated);

      it("is what the first event of a conversation says, for all that follows", async () => {
        await append([createdEvent(true), noteEvent("same append")]);
        await append([noteEvent("later")]);
        await append([noteEvent("said so")], { simulated: true });
        await append([noteEvent("in another's append", { stream: STREAM })], { stream: "mesh" });
        expect(await marks()).toEqual([true, true, true, true, true]);
      });

      it("can be said by the request that creates, and holds for a journal opened later", async () => {
        await append([createdEvent()], { simulated: true });
        journal = await openJournal(store, clock);
        await append([noteEvent("later")]);
        await append([noteEvent("later still")]);
        expect(await marks()).toEqual([true, true, true]);
      });

      it("is never mixed with what is real, either way", async () => {
        await append([createdEvent(true)]);
        await append([createdEvent()], { stream: OTHER });
        await expect(append([noteEvent("real")], { simulated: false })).rejects.toMatchObject({
          code: "CONVERSATION_SIMULATED",
        });
        await expect(append([noteEvent("made up", { simulated: true })], { stream: OTHER })).rejects.toMatchObject({
          code: "CONVERSATION_NOT_SIMULATED",
        });
        expect(await marks()).toEqual([true, false]);
      });

      it("is not fixed by a creation that was undone", async () => {
        const undone = journal.append({
          stream: STREAM,
          expectedSeq: 0,
          decide: () => ({ events: [createdEvent(true), noteEvent("x", { simulated: false })], result: null }),
        });
        await expect(undone).rejects.toMatchObject({ code: "CONVERSATION_SIMULATED" });
        await append([createdEvent(false)]);
        await append([noteEvent("real")]);
        expect(await marks()).toEqual([false, false]);
      });

      it("is said event by event in streams that are no conversation", async () => {
        await append([noteEvent("a", { simulated: true }), noteEvent("b")], { stream: "mesh" });
        await append([noteEvent("c")], { stream: "mesh", simulated: true });
        expect(await marks()).toEqual([true, false, true]);
      });
    });

    describe("bodies", () => {
      const store1 = (value: Parameters<Journal["encodeBody"]>[0]) => {
        const body = journal.encodeBody(value);
        return journal
          .append({
            stream: STREAM,
            decide: () => ({ events: [noteEvent("refers")], bodies: [body], result: body.ref }),
          })
          .then((appended) => appended.result);
      };

      it("are addressed by what they say, whatever the order of their keys", async () => {
        const text = '{"a":["é",null],"b":1}';
        const ref = await store1({ b: 1, a: ["é", null] });
        expect(ref).toEqual({ hash: sha256(text), bytes: Buffer.byteLength(text) });
        expect(await store1({ a: ["é", null], b: 1 })).toEqual(ref);
        expect(await journal.body(ref)).toEqual({ a: ["é", null], b: 1 });
      });

      it("that were erased or never stored are BODY_MISSING, with what to do", async () => {
        await expect(journal.body({ hash: sha256("none"), bytes: 4 })).rejects.toMatchObject({
          code: "BODY_MISSING",
          mend: expect.stringContaining("backup"),
        });
      });

      it("that no longer are what their address says are STORE_CORRUPT", async () => {
        const ref = { hash: sha256("true"), bytes: 4 };
        await store.transact((transaction) => transaction.putBody({ hash: ref.hash, bytes: Buffer.from("fals") }));
        await expect(journal.body(ref)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
      });

      it("of a refused append are not stored", async () => {
        const body = journal.encodeBody("undone");
        const decide = (): Decision<null> => ({ events: [noteEvent("x")], bodies: [body], result: null });
        await expect(journal.append({ stream: STREAM, expectedSeq: 7, decide })).rejects.toThrow();
        const duplicate = noteEvent("x", { id: sampleId("x") });
        const twice = (): Decision<null> => ({ events: [duplicate, duplicate], bodies: [body], result: null });
        await expect(journal.append({ stream: STREAM, decide: twice })).rejects.toMatchObject({ code: "DUPLICATE" });
        await expect(journal.body(body.ref)).rejects.toMatchObject({ code: "BODY_MISSING" });
      });
    });

    it("property: concurrent appends with random refusals leave exactly the accepted ones, without gaps", async () => {
      verifies("R7.4", "R7.3");
      const attempt = fc.record({
        stream: fc.constantFrom("s", "t"),
        other: fc.constantFrom("s", "t", undefined),
        count: fc.nat(3),
        fate: fc.constantFrom("accepted", "accepted", "accepted", "throws", "stale"),
        // Whether the next one waits for this one, or shares its turn.
        pause: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(attempt, { maxLength: 20 }), async (attempts) => {
          const ownHome = await harness.createHome();
          const ownStore = await ownHome.open(clock);
          const own = await openJournal(ownStore, clock);
          const expected: string[] = [];
          const pending: Promise<unknown>[] = [];
          for (const [index, { stream, other, count, fate, pause }] of attempts.entries()) {
            const reasons = Array.from({ length: count }, (_, number) => `${index}/${number}`);
            const decide = (): Decision<null> => {
              if (fate === "throws") throw new Error("refused");
              const to = (number: number) => (other !== undefined && number % 2 === 1 ? { stream: other } : {});
              return { events: reasons.map((reason, number) => noteEvent(reason, to(number))), result: null };
            };
            const appending = own.append({ stream, ...(fate === "stale" ? { expectedSeq: 1_000 } : {}), decide });
            if (fate === "accepted") expected.push(...reasons);
            pending.push(
              expect(
                appending.then(
                  () => "accepted",
                  () => "refused",
                ),
              ).resolves.toBe(fate === "accepted" ? fate : "refused"),
            );
            if (pause) await appending.catch(() => {});
          }
          await Promise.all(pending);
          const log = await own.read({ after: 0, limit: 1_000 });
          expect(log.map(reasonOf)).toEqual(expected);
          for (const stream of ["s", "t"]) {
            const seqs = log.filter((event) => event.stream === stream).map((event) => event.seq);
            expect(seqs).toEqual(seqs.map((_, index) => index + 1));
          }
          await ownStore.close();
          await ownHome.dispose();
        }),
        { numRuns: 40 },
      );
    });

    it("readAll gives every event of one stream, over many pages", async () => {
      const many = Array.from({ length: 1_201 }, (_, index) => `${index}`);
      await journal.append({ stream: STREAM, decide: notes(...many) });
      await journal.append({ stream: OTHER, decide: notes("not this") });
      expect((await collect(journal.readAll(STREAM))).map(reasonOf)).toEqual(many);
    });
  });

  projectionContract(harness);
}
