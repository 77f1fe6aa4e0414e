// The frame around quoted text: tags that say who spoke, stamped by us. Text
// inside a frame cannot open or close one, so that nobody speaks in another's name.

const FRAME_TAGS = ["message", "attachment", "response", "question", "earlier-conversation"] as const;
export type FrameTag = (typeof FRAME_TAGS)[number];

/**
 * A `<`, or a sign that looks like it, that begins one of our tags, with or
 * without signs between that cannot be seen.
 */
const FORGED = new RegExp(`[<\\uFF1C\\uFE64\\u2039](?=[\\s\\p{Cf}]*/?[\\s\\p{Cf}]*(?:${FRAME_TAGS.join("|")}))`, "giu");

/** Only the sign that would begin a tag changes, so that quotations of everything else stay exact. */
export function neutralised(text: string): string {
  return text.replace(FORGED, "&lt;");
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
