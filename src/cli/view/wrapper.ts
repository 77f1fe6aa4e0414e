// Wraps the end of a growing text. Finished paragraphs are wrapped once and
// remembered, so that a frame costs what is new and not what was said.
import { wrapText } from "../terminal-text.ts";

/** The last `count` lines of `text` at `width` cells. */
export type TailWrapper = (text: string, size: { readonly width: number; readonly count: number }) => string[];

const PARAGRAPHS_MAX = 2_000;

export function createTailWrapper(): TailWrapper {
  const remembered = new Map<string, readonly string[]>();

  function wrapped(paragraph: string, width: number): readonly string[] {
    const key = `${width} ${paragraph}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    if (remembered.size >= PARAGRAPHS_MAX) remembered.clear();
    const lines = wrapText(paragraph, width);
    remembered.set(key, lines);
    return lines;
  }

  return (text, { width, count }) => {
    const paragraphs = text.replace(/\n+$/, "").split("\n");
    const lines: string[] = [];
    for (let index = paragraphs.length - 1; index >= 0 && lines.length < count; index--) {
      lines.unshift(...wrapped(paragraphs[index] ?? "", width));
    }
    return count < 1 ? [] : lines.slice(-count);
  };
}
