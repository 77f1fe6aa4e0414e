// What a failed call left behind, in one shape for every vendor: the status,
// the headers, and the words and the sentence of the error body.
import { isRecord, parseJson } from "../json-shape.ts";

export interface FailureEvidence {
  readonly status: number | undefined;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Machine-readable words of the body, lower-case: types, codes, reasons, quota names. */
  readonly words: readonly string[];
  /** The sentence for people; empty where there was none. */
  readonly message: string;
  /** The parsed body, where it was JSON. */
  readonly body: unknown;
}

export interface RawFailure {
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text or parsed JSON. */
  readonly body?: unknown;
}

const MESSAGE_CHARS_MAX = 2_000;
/** Fields whose values are words, at any depth. */
const WORD_FIELDS = new Set(["type", "code", "status", "reason", "error_code", "quotaId"]);
const MESSAGE_FIELDS = ["message", "detail", "error_description", "msg", "error"] as const;
const DEPTH_MAX = 8;

export function evidenceOf({ status, headers = {}, body }: RawFailure): FailureEvidence {
  const parsed = typeof body === "string" ? parseJson(body) : body;
  const isJson = isRecord(parsed) || Array.isArray(parsed);
  const words = isJson ? collectWords(parsed) : [];
  const message = isJson ? messageOf(parsed) : plainText(typeof body === "string" ? body : "");
  return {
    status: status !== undefined && status >= 400 ? status : statusInBody(parsed),
    headers,
    words,
    message: message.slice(0, MESSAGE_CHARS_MAX),
    body: isJson ? parsed : undefined,
  };
}

function collectWords(value: unknown, depth = 0): string[] {
  if (depth > DEPTH_MAX) return [];
  if (Array.isArray(value)) return value.flatMap((item) => collectWords(item, depth + 1));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const isWord = WORD_FIELDS.has(key) && (typeof member === "string" || typeof member === "number");
    return isWord ? [String(member).toLowerCase()] : collectWords(member, depth + 1);
  });
}

/** The first sentence found, from the error object inwards. */
function messageOf(value: unknown, depth = 0): string {
  if (typeof value === "string") return value;
  if (depth > DEPTH_MAX) return "";
  if (Array.isArray(value)) return messageOf(value[0], depth + 1);
  if (!isRecord(value)) return "";
  for (const field of isRecord(value.error) ? (["error"] as const) : MESSAGE_FIELDS) {
    const message = messageOf(value[field], depth + 1);
    if (message !== "") return message;
  }
  return "";
}

/** An error inside a reply of status 200 often names the status it should have had. */
function statusInBody(body: unknown): number | undefined {
  const error = Array.isArray(body) ? body[0] : body;
  if (!isRecord(error)) return undefined;
  const inner = isRecord(error.error) ? error.error : error;
  const code = Number(inner.code ?? inner.status_code);
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined;
}

/** Proxies and gateways answer in HTML; its title says most. No pattern reads past the next `<`, so none reads a sign twice. */
function plainText(body: string): string {
  const title = /<title[^<>]*>([^<]*)<\/title>/i.exec(body)?.[1];
  if (title !== undefined) return title.trim();
  return body
    .replace(/<[^<>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
