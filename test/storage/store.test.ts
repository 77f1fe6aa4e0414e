// What the store contract itself computes.
import { expect, it } from "vitest";
import { conversationLease } from "../../src/storage/store.ts";

it("every conversation has a lease of its own", () => {
  expect(conversationLease("a")).toBe("conversation/a");
  expect(conversationLease("b")).not.toBe(conversationLease("a"));
});
