// Leases of processes: each owner is named with its process, so that what a
// killed one held is free at once, not when its time has run out.
import type { Lease, Store } from "../storage/store.ts";
import { createOwner, ownerState } from "./owner.ts";

/** The same store, whose leases are taken in this process's name. */
export function createProcessLeases<S extends Store>(store: S): S {
  const present = async (name: string): Promise<Lease | undefined> => {
    const lease = await store.readLease(name);
    return lease !== undefined && ownerState(lease.owner) === "dead" ? undefined : lease;
  };
  return {
    ...store,
    acquireLease: async (request) => {
      const owned = { ...request, owner: createOwner(request.owner) };
      const lease = await store.acquireLease(owned);
      if (lease !== undefined) return lease;
      const held = await store.readLease(request.name);
      if (held === undefined || ownerState(held.owner) !== "dead") return undefined;
      // By its token: if somebody was quicker, the lease is his, and stays.
      await store.releaseLease(held);
      return store.acquireLease(owned);
    },
    readLease: present,
  };
}
