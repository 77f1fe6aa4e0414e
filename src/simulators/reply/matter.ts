// What a question is about, in the form in which an answer can speak of it.
import { gerund, gerundPhrase, isVerb, verbOf } from "./grammar.ts";
import { optionsOf } from "./options.ts";

export type Matter =
  /** Something is proposed; the phrase names it as a noun: `using one writer thread`. */
  | { readonly kind: "action"; readonly phrase: string }
  /** Something is asserted that is so or not. */
  | { readonly kind: "fact" }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  /** Anything else; a lookup asks for a fact that has to be known. */
  | { readonly kind: "open"; readonly isLookup: boolean };

const PROPOSES = /^(?:should|shall|must|ought)\s+/i;
const PROPOSES_IT = /^(?:is|would|was) it (?:be )?(?:\w+ )?(?:to|worth(?: it to)?)\s+(.+)$/i;
const ASSERTS =
  /^(?:is|are|was|were|do|does|did|can|could|will|would|has|have|had|may|might|isn't|aren't|doesn't|don't|can't)\b/i;
const GERMAN_YES_NO =
  /^(?:soll(?:en|te|ten|st)?|ist|sind|kann|können|könnte|wird|werden|hat|haben|darf|dürfen|muss|müssen|wollen)\s/i;
const OPENING =
  /^(?:.*[:,;]\s*)?(?:(?:and|so|but|then|also)\s+)?(?=(?:should|shall|is|are|do|does|can|will|would|must)\b)/i;
const LOOKUP =
  /^(?:who|whose|when|where|how (?:many|much|old|long|far|big|fast)|(?:what|which)(?:\s+\w+)? (?:is|are|was|were|did|does|do)|wer|wann|wo|wie viele)\b/i;
const ADVICE = /\b(?:best|better|should|way|how to|good|right|approach|risks?)\b/i;

/** Words for what is proposed without a phrase of its own. */
const UNNAMED = "doing this";

export function matterOf(question: string): Matter {
  const options = optionsOf(question);
  if (options.length >= 2) return { kind: "choice", options };
  const asked = question.replace(/[?.!\s]+$/, "");
  const lead = asked.replace(OPENING, "").trim();
  const proposed = PROPOSES_IT.exec(lead)?.[1];
  if (proposed !== undefined) return { kind: "action", phrase: shortEnough(asNoun(proposed)) ?? UNNAMED };
  if (PROPOSES.test(lead)) return { kind: "action", phrase: proposalIn(lead.replace(PROPOSES, "")) ?? UNNAMED };
  if (/^soll/i.test(lead)) return { kind: "action", phrase: UNNAMED };
  if (ASSERTS.test(lead) || GERMAN_YES_NO.test(lead)) return { kind: "fact" };
  return { kind: "open", isLookup: LOOKUP.test(asked) && !ADVICE.test(asked) };
}

const PRONOUN = /^(?:i|we|you|they|he|she|it|one|everybody|everyone|people|there)$/i;
const ADVERB = /^(?:not|really|also|still|ever|always|never|now|ever|just|rather|instead|\w+ly)$/i;

const DETERMINER = /^(?:a|an|the|this|that|these|those|our|my|your|its|their|each|every|all|any|some)$/i;

const PASSIVE = /^(.+?) be (?:\w+ly )?(\w+)\b\s*(.*)$/i;

/** What follows `should`: subject, verb and the rest. */
function proposalIn(text: string): string | undefined {
  const [, thing = "", participle = "", rest = ""] = PASSIVE.exec(text) ?? [];
  const done = verbOf(participle);
  if (done !== undefined && done !== "do") return shortEnough(`${gerund(done)} ${thing} ${rest}`.trim());
  const words = text.split(/\s+/);
  const noun = DETERMINER.test(words[0] ?? "") ? 1 : 0;
  const first = PRONOUN.test(words[0] ?? "") ? 1 : words.findIndex((word, index) => index > noun && isVerb(word));
  if (first < 1) return undefined;
  const verbAt = words.findIndex((word, index) => index >= first && !ADVERB.test(word));
  const verb = words[verbAt];
  if (verb === undefined || /^(?:be|have|do|there)$/i.test(verb) || !/^\p{Ll}{2,}$/u.test(verb)) return undefined;
  return shortEnough(asNoun(words.slice(verbAt).join(" ")));
}

/** In the answerer's mouth: who asked about their own things is told of `your` things. */
function asNoun(phrase: string): string {
  const addressed = phrase.replace(/\bmy\b/gi, "your").replace(/\b(?:I|me)\b/g, "you");
  return /^\w+ing\b/.test(addressed) && !isVerb(addressed.split(" ")[0] as string)
    ? addressed
    : gerundPhrase(addressed);
}

const PHRASE_WORDS_MAX = 10;

/** A long phrase ends before its first condition or purpose. */
function shortEnough(phrase: string): string | undefined {
  if (phrase.split(/\s+/).length <= PHRASE_WORDS_MAX) return phrase;
  const cut = phrase.replace(/(?:,|\s+(?:for|when|while|because|if|so|given|although|instead|and)\b).*$/i, "");
  return cut.split(/\s+/).length <= PHRASE_WORDS_MAX ? cut : undefined;
}

const FOREIGN =
  /(?<!\p{L})(?:der|das|dem|den|ist|sind|sollen|sollten|sollte|soll|wir|ein|eine|einen|einem|für|und|oder|nicht|wie|welche|welcher|welches|warum|kann|können|über|mit|le|la|les|des|une|est|nous|pour|avec|el|los|las|una|para|que|por|il|gli|che)(?!\p{L})/giu;
const FOREIGN_WORDS_MIN = 2;

/** Simulated models write English; whoever asks otherwise is told so. */
export function isForeign(question: string): boolean {
  return (question.match(FOREIGN) ?? []).length >= FOREIGN_WORDS_MIN;
}
