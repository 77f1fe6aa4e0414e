// Bodies: canonical JSON as bytes, addressed by their digest.
import type { BodyRef } from "../domain/envelope.ts";
import { PolylogueError } from "../domain/errors.ts";
import { canonicalJson, type JsonValue } from "../domain/json.ts";
import { sha256 } from "../platform/hash.ts";
import type { EncodedBody } from "./journal.ts";

export function encodeBody(value: JsonValue): EncodedBody {
  const bytes = Buffer.from(canonicalJson(value), "utf8");
  return { ref: { hash: sha256(bytes), bytes: bytes.byteLength }, bytes };
}

/** Throws `BODY_MISSING` for undefined, and `STORE_CORRUPT` when the bytes are not those that were addressed. */
export function decodeBody(ref: BodyRef, bytes: Uint8Array | undefined): JsonValue {
  if (bytes === undefined) {
    throw new PolylogueError("BODY_MISSING", {
      message: `The body ${ref.hash} (${ref.bytes} bytes) is not in the store: it was erased, or never stored there.`,
      mend: "Go on without it, or restore it from a backup that still has it; the events that refer to it stay valid.",
    });
  }
  if (sha256(bytes) !== ref.hash) {
    throw new PolylogueError("STORE_CORRUPT", {
      message: `The body ${ref.hash} has ${bytes.byteLength} bytes with another digest.`,
      mend: "Restore the store from a backup.",
    });
  }
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as JsonValue;
}
