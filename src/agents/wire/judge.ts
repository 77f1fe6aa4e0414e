// The verdict on a call that reached its end: a message, or why it is none.
import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import type { Failure } from "../../domain/failure.ts";
import type { FinishReason } from "../agent.ts";
import { failureOf, finishFailure } from "../failures/classifier.ts";
import type { Transcript } from "./transcript.ts";

export type Verdict =
  | { readonly ok: true; readonly finishReason: FinishReason }
  | { readonly ok: false; readonly failure: Failure };

export interface Ending {
  /** Undefined where the stream ended without saying why. */
  readonly finish: LanguageModelV4FinishReason | undefined;
  /** The first error part that was not of no concern. */
  readonly failure: Failure | undefined;
  readonly transcript: Transcript;
}

/**
 * A cut-off answer (`length`) is done, even an empty one: asking again would
 * only be cut off again, and the caller sees why. Any other end without a text
 * or a tool call is `ANSWER_EMPTY`, for vendors do answer with blanks by mistake.
 */
export function judge({ finish, failure, transcript }: Ending): Verdict {
  if (failure !== undefined) return { ok: false, failure };
  const word = finishFailure(finish?.raw);
  if (word !== undefined) return { ok: false, failure: word };
  if (finish === undefined || !isProperEnd(finish)) {
    return failed("transient", "the reply broke off before its end");
  }
  const { unified, raw } = finish;
  if (unified === "content-filter")
    return failed("policy", `the vendor declined to answer (${raw ?? "no reason given"})`);
  if (unified === "error") return failed("transient", `the model stopped with an error (${raw ?? "no reason given"})`);
  if (unified === "length") return { ok: true, finishReason: "length" };
  if (transcript.malformedCall !== undefined) {
    return failed("transient", `the model called ${transcript.malformedCall} with arguments that are not JSON`);
  }
  const parts = transcript.parts();
  if (parts.some((part) => part.type === "tool-call")) return { ok: true, finishReason: "tool-calls" };
  if (!parts.some((part) => part.type === "text" && part.text.trim() !== "")) {
    return { ok: false, failure: failureOf("transient", "the model answered with nothing", "ANSWER_EMPTY") };
  }
  return { ok: true, finishReason: unified === "stop" ? "stop" : "other" };
}

/** Whether the vendor itself said why it stopped; some libraries say `other` or `error` without a word of its own. */
export function isProperEnd({ unified, raw }: LanguageModelV4FinishReason): boolean {
  return unified !== "interrupted" && !((unified === "other" || unified === "error") && raw === undefined);
}

function failed(failureClass: Failure["class"], reason: string): Verdict {
  return { ok: false, failure: failureOf(failureClass, reason) };
}
