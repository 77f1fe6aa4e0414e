// Why a conversation stopped, in words. Documents keep the short stable form.

const WORDS: Readonly<Record<string, (limit: string) => string>> = {
  rounds: (limit) => `after ${some(limit, "round")} of discussion`,
  turns: (limit) => `after ${some(limit, "turn")}`,
  tokens: (limit) => `after ${Number(limit).toLocaleString("en-US")} tokens`,
  costNanoUsd: (limit) => `after $${(Number(limit) / 1e9).toFixed(2)} of discussion`,
  timeMs: (limit) => `after ${Number(limit) / 1_000} s of discussion`,
  quorum: (limit) => `${some(limit, "answer")} came in a round`,
  stability: (limit) => `nobody changed the answer for ${some(limit, "round")}`,
  stall: (limit) => `nothing new was said for ${some(limit, "round")}`,
  repetition: (limit) => `somebody repeated the same answer ${limit === "1" ? "once" : `${limit} times`}`,
};

/** `rounds(2)` → `after 2 rounds of discussion`; what is a sentence already stays as it is. */
export function stopReasonText(reason: string): string {
  if (reason === "agreement") return "all gave the same answer";
  const said = /^signal\((.*)\)$/s.exec(reason)?.[1];
  if (said !== undefined) return `somebody said “${said}”`;
  const [, kind = "", limit = ""] = /^(\w+)\((\d+)\)$/.exec(reason) ?? [];
  const words = Object.hasOwn(WORDS, kind) ? WORDS[kind] : undefined;
  return words?.(limit) ?? reason.replace(/^(budget-exhausted|cancelled): /, "");
}

function some(count: string, noun: string): string {
  return `${count} ${noun}${count === "1" ? "" : "s"}`;
}
