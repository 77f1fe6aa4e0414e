// Names close to a mistyped one, for the sentence that helps to mend an error.

const DISTANCE_MAX = 2;
const NAMES_MAX = 3;
/** A shorter name is part of too many others. */
const CONTAINED_CHARS_MIN = 3;

/** At most three of `known`, nearest first: within two edits, or one contains the other. */
export function nearNames(name: string, known: readonly string[]): string[] {
  return known
    .map((candidate) => ({ candidate, distance: nearness(name, candidate) }))
    .filter(({ distance }) => distance <= DISTANCE_MAX)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, NAMES_MAX)
    .map(({ candidate }) => candidate);
}

function nearness(name: string, candidate: string): number {
  const distance = editDistance(name, candidate);
  const isLong = Math.min(name.length, candidate.length) >= CONTAINED_CHARS_MIN;
  const contained = isLong && (candidate.includes(name) || name.includes(candidate));
  return contained ? Math.min(distance, DISTANCE_MAX) : distance;
}

/** Levenshtein's distance, by rows (Wagner and Fischer). */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = cell(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, cell(above, column) + 1, cell(current, column - 1) + 1));
    }
    above = current;
  }
  return cell(above, b.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] as number;
}
