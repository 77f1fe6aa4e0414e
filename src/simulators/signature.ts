// Signatures of thinking. A simulator signs with its seed, so that it can say
// truthfully whether a block is its own, unedited, of this model and of this prompt.
import { createHmac } from "node:crypto";

export interface Signed {
  readonly vendor: string;
  readonly model: string;
  /** Digest of what came before the block. */
  readonly prefix: string;
  /** What the signature protects from being edited. */
  readonly content: string;
}

/**
 * `own` · `otherModel`, `otherPrefix`, `edited`: genuine but used elsewhere or
 * altered · `vendorMade`: well formed and not made by any simulator, so made by
 * the real vendor; taken on trust, so that recorded conversations can be
 * replayed · `unreadable`: anything else, also another vendor's.
 */
export type SignatureVerdict = "own" | "otherModel" | "otherPrefix" | "edited" | "vendorMade" | "unreadable";

export interface Signer {
  sign(signed: Signed): string;
  verify(signature: string, claimed: Signed): SignatureVerdict;
}

const MARK = "polylogue-simulated";
/** A real signature has never been seen shorter. */
const VENDOR_BYTES_MIN = 40;

export function createSigner(seed: string): Signer {
  const mac = (text: string): string => createHmac("sha256", seed).update(text).digest("hex").slice(0, 32);
  return {
    sign: ({ vendor, model, prefix, content }) => {
      const facts = [MARK, vendor, model, mac(prefix)].join("|");
      const payload = Buffer.from(`${facts}|${mac(`${facts}|${content}`)}`, "utf8");
      return Buffer.concat([Buffer.from([0x12]), varint(payload.length), payload]).toString("base64");
    },
    verify: (signature, claimed) => {
      const bytes = decode(signature);
      if (bytes === undefined) return "unreadable";
      const text = bytes.toString("latin1");
      const start = text.indexOf(MARK);
      if (start < 0) return bytes.length >= VENDOR_BYTES_MIN && isProtobufStart(bytes) ? "vendorMade" : "unreadable";
      const [, vendor, model, prefix, seal] = text.slice(start).split("|");
      if (vendor !== claimed.vendor) return "unreadable";
      const facts = [MARK, vendor, model, prefix].join("|");
      if (seal !== mac(`${facts}|${claimed.content}`)) return "edited";
      if (model !== claimed.model) return "otherModel";
      return prefix === mac(claimed.prefix) ? "own" : "otherPrefix";
    },
  };
}

/** Standard and URL-safe base64 both occur in recordings. */
function decode(signature: string): Buffer | undefined {
  const plain = signature.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]+$/.test(plain)) return undefined;
  return Buffer.from(plain, "base64");
}

/** Vendors' signatures are protocol buffers whose first field is numbered 1 or 2. */
function isProtobufStart(bytes: Buffer): boolean {
  const tag = bytes.readUInt8(0);
  return [1, 2].includes(tag >> 3) && [0, 2].includes(tag & 7);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  while (left > 0x7f) {
    bytes.push((left & 0x7f) | 0x80);
    left >>= 7;
  }
  bytes.push(left);
  return Buffer.from(bytes);
}
