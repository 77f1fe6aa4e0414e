// Long texts of Gemini 4: one request sends at most so many tokens, then hands
// out a token with which the next request goes on where it stopped.
import type { Signed, Signer } from "../signature.ts";
import { countTokens, cutToTokens, tokenPieces } from "../tokens.ts";
import { GeminiShapeError } from "./request.ts";

export interface LongText {
  readonly text: string;
  readonly model: string;
  /** From an earlier part, where this is not the first. */
  readonly token: string | undefined;
  /** Over all parts together. */
  readonly outputTokensMax: number;
  readonly requestTokensMax: number;
  readonly tokenFactor: number;
  readonly signer: Signer;
}

export interface TextPart {
  readonly text: string;
  /** Whether the output limit ended it. */
  readonly isCut: boolean;
  readonly nextToken?: string;
}

/** @throws GeminiShapeError when the token is not one of this model's. */
export function partOf(long: LongText): TextPart {
  const { text, token, outputTokensMax, requestTokensMax, tokenFactor } = long;
  const start = token === undefined ? 0 : startOf(token, long);
  const pieces = tokenPieces(text);
  const spent = countTokens(pieces.slice(0, start).join(""), tokenFactor);
  const room = Math.max(0, outputTokensMax - spent);
  const part = cutToTokens(pieces.slice(start).join(""), Math.min(room, requestTokensMax), tokenFactor);
  if (!part.cut || room <= requestTokensMax) return { text: part.text, isCut: part.cut };
  return { text: part.text, isCut: false, nextToken: tokenAt(start + tokenPieces(part.text).length, long) };
}

function signedAt(start: number, model: string): Signed {
  return { vendor: "google", model, prefix: "continuation", content: String(start) };
}

function tokenAt(start: number, { model, signer }: LongText): string {
  return `${start}.${signer.sign(signedAt(start, model))}`;
}

function startOf(token: string, { model, signer }: LongText): number {
  const [position = "", signature = ""] = token.split(".");
  const start = Number(position);
  if (signer.verify(signature, signedAt(start, model)) !== "own")
    throw new GeminiShapeError("Invalid continuation token.");
  return start;
}
