// The little English grammar that simulated models need: gerunds, capitals, lists.

/** Verbs that start what questions propose; a subject of several words ends before the first of them. */
const VERBS = new Set(
  "use adopt choose pick take keep buy build write rewrite move migrate switch be ship run make add remove drop replace support allow require have need split merge store cache stay go start stop wait delay release deploy test measure increase reduce raise lower hire pay charge open close publish change let give put set introduce avoid prefer accept reject delete retry log encrypt sign trust limit enforce depend rely invest launch postpone continue refactor upgrade extend enable disable share expose return send read apply follow turn grow cut ban teach learn work live invite ask answer offer sell rent outsource automate document host serve scale handle treat track commit shard index sync implement provide create design do get hold leave fix maintain rebuild".split(
    " ",
  ),
);

export function isVerb(word: string): boolean {
  return VERBS.has(word.toLowerCase());
}

const IRREGULAR: Readonly<Record<string, string>> = {
  split: "split",
  built: "build",
  written: "write",
  rewritten: "rewrite",
  kept: "keep",
  made: "make",
  done: "do",
  sold: "sell",
  cut: "cut",
  put: "put",
  given: "give",
  taken: "take",
  sent: "send",
};

/** The verb of a participle, where it is known: `sharded` → `shard`. */
export function verbOf(participle: string): string | undefined {
  const lower = participle.toLowerCase();
  const guesses = [lower.slice(0, -2), lower.slice(0, -1), lower.slice(0, -3)];
  return IRREGULAR[lower] ?? (lower.endsWith("ed") ? guesses.find(isVerb) : undefined);
}

const DOUBLING = /^(?:[^aeiou]*[aeiou][bdgklmnprt]|commit|permit|refer|prefer|begin|forget|format)$/;

/** `use` → `using`, `ship` → `shipping`, `die` → `dying`. */
export function gerund(verb: string): string {
  const lower = verb.toLowerCase();
  if (lower === "be") return "being";
  if (lower.endsWith("ie")) return `${lower.slice(0, -2)}ying`;
  if (/[^eoy]e$/.test(lower)) return `${lower.slice(0, -1)}ing`;
  return DOUBLING.test(lower) ? `${lower}${lower.at(-1)}ing` : `${lower}ing`;
}

/** A phrase that starts with a verb, as a noun: `keep it in Java` → `keeping it in Java`. */
export function gerundPhrase(phrase: string): string {
  const [verb = "", ...rest] = phrase.split(/\s+/);
  return [gerund(verb), ...rest].join(" ");
}

/** Only a word in plain small letters gets a capital: names such as `iOS` or `v8` keep their form. */
export function capitalised(text: string): string {
  return /^\p{Ll}+(?![\p{L}\p{N}._/@])/u.test(text) ? `${text[0]?.toUpperCase()}${text.slice(1)}` : text;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}
