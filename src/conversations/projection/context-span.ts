// Which events a request showed, in a form whose size does not grow with every message.
import type { ContextSpan } from "../../domain/journal-event.ts";

/**
 * `showable`: the seq of every event with content, ascending; `shown`: those
 * that the request showed. A range is cut where two or more in a row were left out; a single
 * one is an exception. Events that carry no content fall inside ranges unnamed.
 */
export function contextSpan(showable: readonly number[], shown: ReadonlySet<number>): ContextSpan {
  const ranges: [number, number][] = [];
  const except: number[] = [];
  let skipped: number[] = [];
  for (const seq of showable) {
    if (!shown.has(seq)) {
      skipped.push(seq);
      continue;
    }
    const last = ranges.at(-1);
    if (last === undefined || skipped.length > 1) ranges.push([seq, seq]);
    else {
      except.push(...skipped);
      last[1] = seq;
    }
    skipped = [];
  }
  return { ranges, except };
}
