// "Did you mean": the known names nearest to one that was mistyped.

const SUGGESTIONS_MAX = 3;

/** At most three names within a third of the length in edits, the nearest first. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  const distanceMax = Math.max(1, Math.floor(wanted.length / 3));
  return [...known]
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(
      ({ candidate, distance }) =>
        distance <= distanceMax || (wanted.length > 2 && candidate.toLowerCase().startsWith(wanted)),
    )
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate, "en"))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ candidate }) => candidate);
}

/** One sentence with the near names, or else with all of them. */
export function suggestion(name: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearNames(name, all);
  if (near.length > 0) return `Did you mean ${near.join(" or ")}?`;
  return all.length === 0 ? "There are none." : `There are: ${all.sort().join(", ")}.`;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost one each. */
function editDistance(a: string, b: string): number {
  // Rows of the table from b's empty prefix to its whole, for the last three prefixes of a.
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(at(last, j) + 1, at(row, j - 1) + 1, substitution, swap ? at(beforeLast, j - 2) + 1 : substitution),
      );
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

/** Always inside the row. */
function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
