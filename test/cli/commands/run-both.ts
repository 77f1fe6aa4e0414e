// Runs a command for programs and for people.
import { expect } from "vitest";
import { type FakeParts, runFake } from "../fake-polylogue.ts";

/** Runs a command twice: the document under --json must be exactly the one the library gave. */
export async function both(args: readonly string[], parts: FakeParts, document: object) {
  const json = await runFake([...args, "--json"], { parts });
  expect(JSON.parse(json.out)).toEqual(document);
  expect(json.err).toBe("");
  const plain = await runFake(args, { parts });
  expect(plain.code).toBe(json.code);
  expect(plain.closed).toBe(1);
  return plain;
}
