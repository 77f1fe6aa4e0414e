// When two free answers are the same answer: equal after dropping what carries
// no meaning. Deliberately strict; a wrong "equal" would be an invented agreement.
import { withoutEdges } from "./edges.ts";

const SURROUNDING = new Set("\"'“”‘’.,;:!?()");

/** Lower case, white space collapsed, emphasis marks and surrounding punctuation dropped. */
export function canonicalText(text: string): string {
  const plain = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[*_`#]/g, "")
    .replace(/\s+/g, " ");
  return withoutEdges(plain, SURROUNDING);
}
