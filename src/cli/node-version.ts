// The oldest Node that may run Polylogue. Plain syntax and no imports, so that
// an old Node gets as far as telling its user.

/** Earlier 24.x ship an SQLite whose write-ahead log can be corrupted. */
const NODE_MAJOR_MIN = 24;
const NODE_MINOR_MIN = 15;

/** What is wrong with this Node, for people; null when it will do. `version` like `24.15.0`. */
export function nodeVersionProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && minor >= NODE_MINOR_MIN)) return null;
  return (
    `polylogue needs Node ${NODE_MAJOR_MIN}.${NODE_MINOR_MIN} or newer; this is Node ${version}.\n` +
    "  Older versions ship an SQLite that can damage the database.\n" +
    "  How to mend: install a current Node from https://nodejs.org, or from a checkout run: npm run polylogue\n"
  );
}
