// Files: the few things the program does with the disk outside its database.
import { chmod, mkdir, open, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

export const PRIVATE_FOLDER_MODE = 0o700;
export const PRIVATE_FILE_MODE = 0o600;

export type ReadOutcome =
  | { readonly kind: "read"; readonly bytes: Uint8Array }
  | { readonly kind: "missing" }
  | { readonly kind: "folder" }
  /** Neither file nor folder: a pipe, a device. Reading one might never end. */
  | { readonly kind: "special" }
  | { readonly kind: "too-large"; readonly bytes: number }
  | { readonly kind: "refused"; readonly cause: Error };

/** Reads a whole regular file of at most `bytesMax` bytes. Never throws for what a path can be. */
export async function readBounded(path: string, bytesMax: number): Promise<ReadOutcome> {
  try {
    const about = await stat(path);
    if (about.isDirectory()) return { kind: "folder" };
    if (!about.isFile()) return { kind: "special" };
    if (about.size > bytesMax) return { kind: "too-large", bytes: about.size };
    return await readAtMost(path, bytesMax);
  } catch (error) {
    return isMissing(error) ? { kind: "missing" } : { kind: "refused", cause: error as Error };
  }
}

/** A file may grow between its measure and its reading, so the limit holds for what is read. */
async function readAtMost(path: string, bytesMax: number): Promise<ReadOutcome> {
  await using file = await open(path, "r");
  const buffer = Buffer.alloc(bytesMax + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return { kind: "read", bytes: buffer.subarray(0, length) };
    length += bytesRead;
  }
  return { kind: "too-large", bytes: length };
}

/** Permission bits of a path, or undefined where there is nothing. */
export async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Makes the folder, and those above it that are missing, so that only their owner
 * enters. One that exists is left as it is: it may be shared on purpose.
 * Level by level, because Node's recursive mkdir never ends where a file system
 * answers "no such folder" below one that is there, as /proc does.
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await ensurePrivateFolder(dirname(path));
  try {
    await mkdir(path, { mode: PRIVATE_FOLDER_MODE });
  } catch (error) {
    // Another process may have made it in between.
    if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Takes every right of other users away, where the path exists. By path, never
 * by opening: to close a descriptor of a database file would drop the locks
 * that SQLite holds on it in this process.
 */
export async function closeToOthers(path: string, mode: number): Promise<void> {
  const present = await modeOf(path);
  if (present !== undefined && (present & 0o077) !== 0) await chmod(path, mode);
}

/** The nearest file of this name in `folder` or a folder above it. */
export async function findUpwards(name: string, folder: string): Promise<string | undefined> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, name);
    if ((await modeOf(path)) !== undefined) return path;
    if (dirname(at) === at) return undefined;
  }
}

/** Undefined when the bytes are no text: not UTF-8, or with a NUL in them. A byte-order mark is dropped. */
export function textFromBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
