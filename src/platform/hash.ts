// Digests. Everything content-addressed in Polylogue uses SHA-256, lower-case hex.
import { hash } from "node:crypto";
import { canonicalJson } from "../domain/json.ts";

export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

/** Digest of a value's canonical JSON: equal values, equal digests. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}
