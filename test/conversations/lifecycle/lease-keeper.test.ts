// The lease of a driver: renewed while it lives, lost as soon as it is lost.
import { describe, expect, it } from "vitest";
import { holdLease } from "../../../src/conversations/lifecycle/lease-keeper.ts";
import type { Clock } from "../../../src/platform/clock.ts";
import { createVirtualClock } from "../../../src/platform/virtual-clock.ts";
import type { Lease, LeaseRequest } from "../../../src/storage/store.ts";

const conversationId = "01920000-0000-7000-8000-000000000000";

const describeOwner = (owner: string): string => (owner === "them" ? "process 7 on this machine" : owner);

/** A store of one lease, whose answers the test can change. */
function leases() {
  let answer: (request: LeaseRequest) => Promise<Lease | undefined> = async (request) => ({
    ...request,
    token: 1,
    expiresAtUs: request.nowUs + request.ttlMs * 1_000,
  });
  const renewals: number[] = [];
  const released: Lease[] = [];
  return {
    renewals,
    released,
    answers: (next: typeof answer) => {
      answer = next;
    },
    store: {
      acquireLease: (request: LeaseRequest) => {
        renewals.push(request.nowUs);
        return answer(request);
      },
      releaseLease: async (lease: Lease) => {
        released.push(lease);
      },
      readLease: async () => undefined,
    },
  };
}

async function held() {
  const clock = createVirtualClock();
  const kept = leases();
  const lease = await holdLease({ store: kept.store, clock, conversationId, owner: "me", ttlMs: 3_000, describeOwner });
  return { clock, kept, lease };
}

/** A clock whose program can be busy: timers that fell due meanwhile wake together, in order, before anything else runs. */
function busyClock(): Clock & { busyFor(ms: number): void } {
  let elapsedMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly wake: () => void }>();
  return {
    nowUs: () => elapsedMs * 1_000,
    monotonicUs: () => elapsedMs * 1_000,
    defer: (run) => queueMicrotask(run),
    setTimer(delayMs, wake) {
      const timer = { dueMs: elapsedMs + delayMs, wake };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    busyFor(ms) {
      elapsedMs += ms;
      for (const timer of [...timers].sort((a, b) => a.dueMs - b.dueMs)) {
        if (timer.dueMs <= elapsedMs && timers.delete(timer)) timer.wake();
      }
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("a lease whose holder was too busy to renew it", () => {
  it.each([1_000, 4_000, 50_000])("is renewed, not lost, after %i ms, while nobody has taken it", async (ms) => {
    const clock = busyClock();
    const kept = leases();
    const lease = await holdLease({ store: kept.store, clock, conversationId, owner: "me", ttlMs: 3_000 });
    for (let time = 1; time <= 3; time++) {
      clock.busyFor(ms);
      await settled();
      expect(lease.lost.aborted).toBe(false);
      expect(kept.renewals.at(-1)).toBe(time * ms * 1_000);
    }
  });

  it("is renewed when the answer of the store waits behind the work", async () => {
    const clock = busyClock();
    const kept = leases();
    const lease = await holdLease({ store: kept.store, clock, conversationId, owner: "me", ttlMs: 3_000 });
    clock.busyFor(1_000);
    clock.busyFor(8_000);
    await settled();
    expect(lease.lost.aborted).toBe(false);
    clock.busyFor(500);
    expect(lease.lost.aborted).toBe(false);
  });

  it("is lost as soon as the store says that somebody has taken it", async () => {
    const clock = busyClock();
    const kept = leases();
    const lease = await holdLease({ store: kept.store, clock, conversationId, owner: "me", ttlMs: 3_000 });
    kept.answers(async () => undefined);
    clock.busyFor(20_000);
    await settled();
    expect(lease.lost.reason).toMatchObject({ code: "LEASE_LOST" });
    expect(kept.released).toEqual([]);
  });
});

describe("a held lease", () => {
  it("is renewed at a third of its time, for as long as it is held, and then given back", async () => {
    const { clock, kept, lease } = await held();
    await clock.advance(9_500);
    expect(kept.renewals).toHaveLength(10);
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    await clock.advance(9_000);
    expect(kept.renewals).toHaveLength(10);
    expect(kept.released).toEqual([lease.lease]);
    expect(lease.lost.aborted).toBe(false);
  });

  it.each([
    ["somebody else has it", async () => undefined],
    ["it has another token", async (request: LeaseRequest) => ({ ...request, token: 2, expiresAtUs: 0 })],
  ])("is lost at the next renewal when %s", async (_why, answer) => {
    const { clock, kept, lease } = await held();
    kept.answers(answer);
    await clock.advance(1_100);
    expect(lease.lost.reason).toMatchObject({ code: "LEASE_LOST" });
  });

  it("survives a store that stumbles, but not one that fails until it has run out, and once more", async () => {
    const { clock, kept, lease } = await held();
    const stumble = async (): Promise<undefined> => {
      throw new Error("busy");
    };
    kept.answers(stumble);
    await clock.advance(3_200);
    expect(lease.lost.aborted).toBe(false);
    await clock.advance(200);
    expect(lease.lost.reason).toMatchObject({ code: "LEASE_LOST" });
  });

  it("is lost in time even if the store never answers", async () => {
    const { clock, kept, lease } = await held();
    kept.answers(() => new Promise(() => undefined));
    await clock.advance(3_400);
    expect(lease.lost.aborted).toBe(true);
    await clock.advance(9_000);
    expect(kept.renewals).toHaveLength(3);
  });

  it("an answer that comes after it was given back changes nothing", async () => {
    const { clock, kept, lease } = await held();
    let answerLate: (lease: undefined) => void = () => undefined;
    kept.answers(
      () =>
        new Promise((resolve) => {
          answerLate = resolve;
        }),
    );
    await clock.advance(1_100);
    await lease.release();
    answerLate(undefined);
    await clock.advance(9_000);
    expect(lease.lost.aborted).toBe(false);
  });

  it("cannot be taken while another holds it, and says who does if that is known", async () => {
    const clock = createVirtualClock();
    const kept = leases();
    kept.answers(async () => undefined);
    const take = (
      store: typeof kept.store | (Omit<typeof kept.store, "readLease"> & { readLease: () => Promise<Lease> }),
    ) => holdLease({ store, clock, conversationId, owner: "me", ttlMs: 3_000, describeOwner });
    await expect(take(kept.store)).rejects.toMatchObject({
      code: "LEASE_HELD",
      message: `Conversation ${conversationId} is being driven by another process.`,
    });
    const other: Lease = { name: "n", owner: "them", token: 1, expiresAtUs: 0 };
    await expect(take({ ...kept.store, readLease: async () => other })).rejects.toMatchObject({
      message: `Conversation ${conversationId} is being driven by process 7 on this machine.`,
    });
  });
});
