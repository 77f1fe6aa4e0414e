// Secrets come from the environment or from a file that only its owner can
// read; never from a flag, a configuration file or the database.
import { PolylogueError } from "../domain/errors.ts";
import { modeOf, PRIVATE_FILE_MODE, readBounded, textFromBytes } from "./files.ts";

export const SECRET_BYTES_MAX = 64 * 1024;

/** Where a secret may come from; the variable wins over the file. */
export interface SecretPlaces {
  readonly variable?: string;
  readonly file?: string;
}

export type SecretState =
  | { readonly state: "set"; readonly value: string; readonly from: "environment" | "file"; readonly where: string }
  | { readonly state: "not set" };

/**
 * Finds a secret. A named file that does not exist counts as not set; one that
 * others can read is refused with `SECRET_FILE_MODE`.
 */
export async function readSecret(
  places: SecretPlaces,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SecretState> {
  const value = places.variable === undefined ? undefined : environment[places.variable]?.trim();
  if (places.variable !== undefined && value !== undefined && value !== "") {
    return { state: "set", value, from: "environment", where: places.variable };
  }
  if (places.file === undefined) return { state: "not set" };
  const text = await readSecretFile(places.file);
  return text === undefined || text === ""
    ? { state: "not set" }
    : { state: "set", value: text, from: "file", where: places.file };
}

async function readSecretFile(path: string): Promise<string | undefined> {
  const mode = await modeOf(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (mode === undefined) return undefined;
  if ((mode & 0o077) !== 0) {
    throw new PolylogueError("SECRET_FILE_MODE", {
      message: `The secret file ${path} has mode 0${mode.toString(8)}, so other users of this machine can reach it.`,
      mend: `Run: chmod ${PRIVATE_FILE_MODE.toString(8)} ${path}`,
    });
  }
  const outcome = await readBounded(path, SECRET_BYTES_MAX);
  const text = outcome.kind === "read" ? textFromBytes(outcome.bytes) : undefined;
  if (text === undefined) {
    throw unreadable(path, outcome.kind === "refused" ? outcome.cause : undefined);
  }
  return text.trim();
}

function unreadable(path: string, cause: unknown): PolylogueError {
  return new PolylogueError("CONFIG_UNREADABLE", {
    message: `The secret file ${path} cannot be read as one key in plain text.`,
    mend: "Give the path of a text file with nothing in it but the key.",
    cause,
  });
}
