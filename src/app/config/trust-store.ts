// What the user trusts: for each path the digest of the content that he has
// read, in his own state folder. A file that changed must be trusted again.
import { rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PolylogueError } from "../../domain/errors.ts";
import { ensurePrivateFolder, PRIVATE_FILE_MODE, readBounded, textFromBytes } from "../../platform/files.ts";
import { sha256 } from "../../platform/hash.ts";
import type { Environment } from "../environment.ts";
import { xdgFolder } from "../home.ts";

export interface TrustedContent {
  /** Absolute. */
  readonly file: string;
  /** SHA-256 of its bytes as text, in hex. */
  readonly digest: string;
}

const RECORD_BYTES_MAX = 1024;

export async function isTrusted({ file, digest }: TrustedContent, environment: Environment): Promise<boolean> {
  const record = recordOf(file, environment);
  if (record === undefined) return false;
  const outcome = await readBounded(record, RECORD_BYTES_MAX);
  // Whatever cannot be read says nothing: trust is never assumed.
  return outcome.kind === "read" && textFromBytes(outcome.bytes)?.trim() === digest;
}

/** Throws `USAGE` where the user has no folder to keep it in, `STORE_READ_ONLY` where that cannot be written. */
export async function keepTrust({ file, digest }: TrustedContent, environment: Environment): Promise<void> {
  const record = recordOf(file, environment);
  if (record === undefined) {
    throw new PolylogueError("USAGE", {
      message: "There is no folder to keep the trust in: neither XDG_STATE_HOME nor HOME is set.",
      mend: `Set one of them, or name the file each time: --config ${file}.`,
    });
  }
  try {
    await ensurePrivateFolder(dirname(record));
    // Whole or not at all: another process may read it at this moment.
    await writeFile(`${record}.new`, `${digest}\n`, { mode: PRIVATE_FILE_MODE });
    await rename(`${record}.new`, record);
  } catch (error) {
    throw new PolylogueError("STORE_READ_ONLY", {
      message: `The trust in ${file} cannot be kept: ${(error as Error).message}.`,
      mend: `Make ${dirname(record)} writable, or name the file each time: --config ${file}.`,
      cause: error,
    });
  }
}

/** One small file for each path, so that neither many of them nor two writers are a problem. */
function recordOf(file: string, environment: Environment): string | undefined {
  const state = xdgFolder(environment, "XDG_STATE_HOME", ".local/state");
  return state === undefined ? undefined : join(state, "polylogue", "trusted", sha256(file));
}
