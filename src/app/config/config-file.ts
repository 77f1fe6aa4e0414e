// Reads one configuration file: YAML 1.2 with a line for every value.
import { dirname, resolve } from "node:path";
import { type Document, isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { PolylogueError } from "../../domain/errors.ts";
import { readBounded, textFromBytes } from "../../platform/files.ts";
import { sha256 } from "../../platform/hash.ts";
import type { ConfigInput, ConfigSource, VendorConfig } from "./config.ts";
import { checkGrammar } from "./issues.ts";
import type { ConfigLayer, ConfigPath } from "./layer.ts";

export const CONFIG_BYTES_MAX = 1024 * 1024;

export interface FileLayer extends ConfigLayer {
  readonly file: string;
  /** SHA-256 of its text, in hex. */
  readonly digest: string;
}

/** Throws `CONFIG_UNREADABLE` where there is no text to read, `CONFIG_INVALID` where it is not a configuration. */
export async function readConfigFile(path: string, source: ConfigSource): Promise<FileLayer> {
  const lines = new LineCounter();
  const text = await readText(path);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const where = (at: ConfigPath): string => `${path}:${lineOf(document, at, lines)}`;
  const fault = document.errors[0];
  if (fault !== undefined) {
    throw new PolylogueError("CONFIG_INVALID", {
      message: `${path}:${lines.linePos(fault.pos[0]).line}: this is not YAML: ${fault.message}`,
      mend: "Correct the text at that line.",
    });
  }
  const value = plainValue(document, path);
  checkGrammar(value, { name: path, where });
  return {
    source,
    value: withFilesResolved(value as ConfigInput, dirname(path)),
    where,
    file: path,
    digest: sha256(text),
  };
}

/** Aliases are resolved here; so many that they would fill the memory are refused. */
function plainValue(document: Document, path: string): unknown {
  if (document.contents === null) return {};
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    throw new PolylogueError("CONFIG_INVALID", {
      message: `${path}: its aliases cannot be resolved: ${(cause as Error).message}.`,
      mend: "Write out what the aliases (*name) stand for.",
      cause,
    });
  }
}

async function readText(path: string): Promise<string> {
  const outcome = await readBounded(path, CONFIG_BYTES_MAX);
  const text = outcome.kind === "read" ? textFromBytes(outcome.bytes) : undefined;
  if (text !== undefined) return text;
  const why = {
    read: "it is not text in UTF-8",
    missing: "there is no such file",
    folder: "it is a folder",
    special: "it is not a regular file",
    "too-large": `it is larger than ${CONFIG_BYTES_MAX} bytes`,
    refused: outcome.kind === "refused" ? outcome.cause.message : "",
  }[outcome.kind];
  throw new PolylogueError("CONFIG_UNREADABLE", {
    message: `The configuration file ${path} cannot be read: ${why}.`,
    mend: "Give the path of a readable polylogue.yaml, or none to go without.",
    ...(outcome.kind === "refused" ? { cause: outcome.cause } : {}),
  });
}

/** A key file is named relative to the file that names it, so that a project can be moved. */
function withFilesResolved(value: ConfigInput, folder: string): ConfigInput {
  if (value.vendors === undefined) return value;
  const vendors = Object.entries(value.vendors).map(([name, vendor]): [string, VendorConfig] => [
    name,
    vendor.keyFile === undefined ? vendor : { ...vendor, keyFile: resolve(folder, vendor.keyFile) },
  ]);
  return { ...value, vendors: Object.fromEntries(vendors) };
}

/** The line of the deepest part of the path that the text has; for a pair, of its key. */
function lineOf(document: Document, path: ConfigPath, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    const next = child(node, step);
    if (next === undefined) break;
    offset = startOf(isPair(next) ? next.key : next);
    node = isPair(next) ? next.value : next;
  }
  return lines.linePos(offset).line;
}

function child(node: unknown, step: string | number): unknown {
  if (isMap(node)) return node.items.find(({ key }) => String(key) === String(step));
  return isSeq(node) ? node.items[Number(step)] : undefined;
}

/** Every node that was read from a text has its range there. */
function startOf(node: unknown): number {
  const [start] = (node as Node).range as [number, number, number];
  return start;
}
