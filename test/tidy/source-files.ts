// Reads the repository's own files for the tidy rules.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Absolute paths of all files below a folder of the repository, sorted; [] when it does not exist. */
export function filesUnder(folder: string): string[] {
  const base = path.join(ROOT, folder);
  let names: string[];
  try {
    names = readdirSync(base, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
  return names
    .map((name) => path.join(base, name))
    .filter((name) => statSync(name).isFile() && !name.includes("node_modules"))
    .sort();
}

export function relative(file: string): string {
  return path.relative(ROOT, file).split(path.sep).join("/");
}

export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Code without comments and string contents; same line count. */
  readonly code: string;
  readonly imports: readonly SourceImport[];
}

export interface SourceImport {
  readonly specifier: string;
  /** From the root, for relative imports. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"'()]*?\sfrom\s+)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;

export function readSource(file: string): SourceFile {
  const text = readFileSync(file, "utf8");
  const imports = [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[2] ?? match[3] ?? "";
    const target = specifier.startsWith(".") ? relative(path.resolve(path.dirname(file), specifier)) : undefined;
    return { specifier, target, typeOnly: match[1] !== undefined };
  });
  return { path: relative(file), text, code: withoutCommentsAndStrings(text), imports };
}

/** Good enough for rules on words: comments, quoted strings and template text become spaces. */
export function withoutCommentsAndStrings(text: string): string {
  const pattern = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return text.replace(pattern, (match) => match.replace(/[^\n]/g, " "));
}
