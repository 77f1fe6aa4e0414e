// What an implementation of the store gives to the contract suites.
import type { VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Store } from "../../src/storage/store.ts";

/** One place where data lives, empty at first. */
export interface StoreHome {
  /** Opens a store on this place; a second one only after the first is closed, unless `isShared`. */
  open(clock: VirtualClock): Promise<Store>;
  dispose(): Promise<void>;
}

export interface StoreHarness {
  readonly name: string;
  createHome(): Promise<StoreHome>;
  /** Whether closing keeps the data; otherwise the reason why it does not. */
  readonly keepsData: true | string;
}
