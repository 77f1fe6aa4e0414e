// Leases of a store: one owner at a time, and tokens that only rise.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Lease, Store } from "../../src/storage/store.ts";
import { verifies } from "../requirements.ts";
import type { StoreHarness } from "./store-harness.ts";

export function leaseContract(harness: StoreHarness): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    const home = await harness.createHome();
    const store = await home.open(createVirtualClock());
    try {
      await work(store);
    } finally {
      await store.close();
      await home.dispose();
    }
  }
  const isPresent = (store: Store, lease: Lease): Promise<boolean> =>
    store
      .transact((transaction) => store.assertLease(transaction, lease))
      .then(
        () => true,
        (error: { code: string }) => {
          expect(error.code).toBe("LEASE_LOST");
          return false;
        },
      );
  const request = (owner: string, nowUs: number) => ({ name: "conversation/1", owner, ttlMs: 1, nowUs });

  describe(`lease contract: ${harness.name}`, () => {
    it("a lease excludes others until it ends, by time or by release", () =>
      withStore(async (store) => {
        expect(await store.readLease("conversation/1")).toBeUndefined();
        const a = await store.acquireLease(request("a", 0));
        expect(a).toEqual({ name: "conversation/1", owner: "a", token: 1, expiresAtUs: 1_000 });
        expect(await store.readLease("conversation/1")).toEqual(a);
        expect(await store.acquireLease(request("b", 999))).toBeUndefined();
        const b = await store.acquireLease(request("b", 1_000));
        expect(b).toMatchObject({ owner: "b", token: 2 });
        await store.releaseLease(b as Lease);
        expect(await store.readLease("conversation/1")).toBeUndefined();
        expect(await store.acquireLease(request("a", 1_001))).toMatchObject({ owner: "a", token: 3 });
      }));

    it("is renewed by its owner under the same token, even late, while nobody has taken it", () =>
      withStore(async (store) => {
        const first = (await store.acquireLease(request("a", 0))) as Lease;
        const renewed = (await store.acquireLease(request("a", 500))) as Lease;
        expect(renewed).toMatchObject({ token: first.token, expiresAtUs: 1_500 });
        expect(await store.acquireLease(request("a", 9_000))).toMatchObject({ token: first.token });
        expect(await isPresent(store, first)).toBe(true);
      }));

    it("fences off whoever held it before, however late it wakes", () =>
      withStore(async (store) => {
        const old = (await store.acquireLease(request("a", 0))) as Lease;
        const present = (await store.acquireLease(request("b", 5_000))) as Lease;
        const late = store.transact((transaction) => {
          transaction.putDocument("c", { key: "k", group: "", order: 0, value: "late" });
          store.assertLease(transaction, old);
        });
        await expect(late).rejects.toMatchObject({ code: "LEASE_LOST" });
        expect(await store.read((reader) => reader.getDocument("c", "k"))).toBeUndefined();
        expect(await isPresent(store, present)).toBe(true);
        await store.releaseLease(old);
        expect(await isPresent(store, present)).toBe(true);
        await store.releaseLease(present);
        expect(await isPresent(store, present)).toBe(false);
        await store.releaseLease(present);
        expect(await isPresent(store, { ...present, name: "never held" })).toBe(false);
      }));

    it("property: one present owner at most, and tokens strictly increase with every new owner", async () => {
      verifies("R7.4");
      const step = fc.record({
        owner: fc.constantFrom("a", "b", "c"),
        act: fc.constantFrom("acquire", "acquire", "release"),
        waitUs: fc.integer({ min: 0, max: 1_500 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) =>
          withStore(async (store) => {
            const held = new Map<string, Lease>();
            let nowUs = 0;
            let model: Lease | undefined;
            let tokenMax = 0;
            for (const { owner, act, waitUs } of steps) {
              nowUs += waitUs;
              const own = held.get(owner);
              if (act === "release") {
                if (own === undefined) continue;
                await store.releaseLease(own);
                if (model?.token === own.token) model = undefined;
                continue;
              }
              const lease = await store.acquireLease(request(owner, nowUs));
              const isFree = model === undefined || model.owner === owner || model.expiresAtUs <= nowUs;
              expect(lease !== undefined).toBe(isFree);
              if (lease === undefined) continue;
              if (model?.owner === owner) expect(lease.token).toBe(model.token);
              else expect(lease.token).toBeGreaterThan(tokenMax);
              tokenMax = lease.token;
              model = lease;
              held.set(owner, lease);
            }
            for (const lease of held.values()) expect(await isPresent(store, lease)).toBe(lease.token === model?.token);
            expect((await store.readLease("conversation/1"))?.token).toBe(model?.token);
          }),
        ),
        { numRuns: 40 },
      );
    });
  });
}
