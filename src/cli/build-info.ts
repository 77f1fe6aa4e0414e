// What `--version` says: the version, the commit in a checkout, Node, the platform.
import { readFileSync } from "node:fs";
import path from "node:path";

/** `root` is the package's folder; the commit is told only where it is a git checkout. */
export function versionText(root: string, node: { readonly version: string; readonly platform: string }): string {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { readonly version: string };
  const commit = commitOf(path.join(root, ".git"));
  return `polylogue ${version}${commit === null ? "" : ` (checkout, commit ${commit.slice(0, 12)})`} on Node ${node.version}, ${node.platform}`;
}

/** Reads git's files, so that no git is needed; null where there is no commit to find. */
function commitOf(gitFolder: string): string | null {
  const head = readText(path.join(gitFolder, "HEAD"));
  const reference = head === null ? undefined : /^ref: (\S+)$/.exec(head)?.[1];
  if (reference === undefined) return head;
  const loose = readText(path.join(gitFolder, reference));
  if (loose !== null) return loose;
  const packed = readText(path.join(gitFolder, "packed-refs"))?.split("\n") ?? [];
  return packed.find((line) => line.endsWith(` ${reference}`))?.slice(0, 40) ?? null;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}
