// Which events a request showed, as ranges and exceptions.
import fc from "fast-check";
import { expect, it } from "vitest";
import { contextSpan } from "../../../src/conversations/projection/context-span.ts";

const showable = fc
  .uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 40 })
  .map((seqs) => seqs.toSorted((a, b) => a - b));

it("covers exactly what was shown, of what could have been", () => {
  fc.assert(
    fc.property(showable, fc.func(fc.boolean()), (seqs, isShown) => {
      const shown = new Set(seqs.filter((seq) => isShown(seq)));
      const { ranges, except } = contextSpan(seqs, shown);
      const covered = seqs.filter(
        (seq) => ranges.some(([from, to]) => seq >= from && seq <= to) && !except.includes(seq),
      );
      expect(covered).toEqual([...shown]);
    }),
  );
});

it("names a single gap as an exception, and cuts at a longer one", () => {
  expect(contextSpan([1, 3, 5, 7, 9, 11], new Set([1, 5, 11]))).toEqual({
    ranges: [
      [1, 5],
      [11, 11],
    ],
    except: [3],
  });
});
