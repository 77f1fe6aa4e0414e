// The frame around quoted text: tags that say who spoke, stamped by us. Text
// inside a frame cannot open or close one, so that nobody speaks in another's name.

const FRAME_TAGS = ["message", "attachment", "response", "critique", "question", "earlier-conversation"] as const;
export type FrameTag = (typeof FRAME_TAGS)[number];

/** `<` and the signs that look like it. */
export const OPENING_SIGNS = "<\uFF1C\uFE64\u2039\u2329\u3008\u27E8\u276C\u276E\u02C2";
const OPENING = new RegExp(`[${OPENING_SIGNS}]`, "gu");
/** Signs that cannot be seen, and white space: a reader passes over them, so a tag may hold them anywhere. */
const UNSEEN = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}]/u;
const SLASHES = new Set(["/", "\u2044", "\u2215"]);

/**
 * Only the sign that would begin a tag changes, so that quotations of everything
 * else stay exact. Reads each character once, whatever the text.
 */
export function neutralised(text: string): string {
  const openings = [...text.matchAll(OPENING)].map(({ index }) => index);
  const parts: string[] = [];
  let kept = 0;
  for (const [place, at] of openings.entries()) {
    // What stands before the next such sign belongs to that one: nothing is read twice.
    if (!beginsTag(text, at + 1, openings[place + 1] ?? text.length)) continue;
    parts.push(text.slice(kept, at), "&lt;");
    kept = at + 1;
  }
  return parts.length === 0 ? text : `${parts.join("")}${text.slice(kept)}`;
}

/** Whether a reader who passes over what cannot be seen finds one of our tags' names. */
function beginsTag(text: string, from: number, to: number): boolean {
  let name = "";
  for (let at = from; at < to; ) {
    const sign = String.fromCodePoint(text.codePointAt(at) as number);
    at += sign.length;
    if (UNSEEN.test(sign) || (name === "" && SLASHES.has(sign.normalize("NFKC")))) continue;
    name += sign.normalize("NFKC").toLowerCase();
    if (FRAME_TAGS.some((tag) => name.startsWith(tag))) return true;
    if (!FRAME_TAGS.some((tag) => tag.startsWith(name))) return false;
  }
  return false;
}

export function framed(tag: FrameTag, attributes: Readonly<Record<string, string>>, text: string): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${attributeText(value)}"`);
  return `<${tag}${written.join("")}>\n${neutralised(text)}\n</${tag}>`;
}

function attributeText(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
