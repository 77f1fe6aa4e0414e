// Identifiers as bytes: 16 for a UUID, 32 for a digest, 25 for a traceparent,
// less than half of their text. Text of any other form is kept as it is.

export type Packed = Uint8Array | string;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function packUuid(text: string): Packed {
  return UUID.test(text) ? Buffer.from(text.replaceAll("-", ""), "hex") : text;
}

export function unpackUuid(packed: Packed): string {
  if (typeof packed === "string") return packed;
  const hex = hexOf(packed);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function packDigest(text: string): Packed {
  return DIGEST.test(text) ? Buffer.from(text, "hex") : text;
}

export function packTraceparent(text: string): Packed {
  return TRACEPARENT.test(text) ? Buffer.from(text.slice(3).replaceAll("-", ""), "hex") : text;
}

export function unpackTraceparent(packed: Packed): string {
  if (typeof packed === "string") return packed;
  const hex = hexOf(packed);
  return `00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-${hex.slice(48)}`;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
