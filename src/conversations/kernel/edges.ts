// Taking signs off the ends of a text, each looked at once; a pattern that ends
// in `+$` would try again from every sign of a run inside the text.

/** `signs`: each a single UTF-16 unit; white space counts as one of them. */
export function withoutEnd(text: string, signs: ReadonlySet<string>): string {
  let end = text.length;
  while (end > 0 && isEdge(text[end - 1] as string, signs)) end--;
  return text.slice(0, end);
}

export function withoutEdges(text: string, signs: ReadonlySet<string>): string {
  const ended = withoutEnd(text, signs);
  let start = 0;
  while (start < ended.length && isEdge(ended[start] as string, signs)) start++;
  return ended.slice(start);
}

function isEdge(sign: string, signs: ReadonlySet<string>): boolean {
  return signs.has(sign) || sign.trim() === "";
}
