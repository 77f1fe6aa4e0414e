// Attachments: text that a person gives to the agents. What cannot be given is
// refused before any model is asked.
import { basename, extname } from "node:path";
import { LIFECYCLE_LIMITS_DEFAULT } from "../conversations/lifecycle/limits.ts";
import { PolylogueError } from "../domain/errors.ts";
import { readBounded, textFromBytes } from "../platform/files.ts";
import type { Attachment } from "./polylogue.ts";

export const ATTACHMENT_BYTES_MAX = 1024 * 1024;
/** All of one conversation's. */
export const ATTACHMENTS_BYTES_MAX = LIFECYCLE_LIMITS_DEFAULT.attachmentsBytesMax;

const MARKDOWN = new Set([".md", ".markdown", ".mdx"]);

/** Types that hold more than text. Naming them gives a better reason than "not UTF-8". */
const TYPES_REFUSED: Readonly<Record<string, string>> = {
  ".pdf": "a PDF",
  ".doc": "a word-processor document",
  ".docx": "a word-processor document",
  ".odt": "a word-processor document",
  ".rtf": "a word-processor document",
  ".ppt": "a presentation",
  ".pptx": "a presentation",
  ".odp": "a presentation",
  ".xls": "a spreadsheet",
  ".xlsx": "a spreadsheet",
  ".ods": "a spreadsheet",
  ".png": "an image",
  ".jpg": "an image",
  ".jpeg": "an image",
  ".gif": "an image",
  ".webp": "an image",
  ".heic": "an image",
  ".bmp": "an image",
  ".tif": "an image",
  ".tiff": "an image",
  ".mp3": "a sound",
  ".wav": "a sound",
  ".m4a": "a sound",
  ".mp4": "a film",
  ".mov": "a film",
  ".webm": "a film",
  ".zip": "an archive",
  ".gz": "an archive",
  ".tgz": "an archive",
  ".tar": "an archive",
  ".7z": "an archive",
};

/** Reads one file. Throws one of the `ATTACHMENT_…` errors, or `ATTACHMENT_MISSING` where there is no file to read. */
export async function readAttachment(path: string): Promise<Attachment> {
  const refused = TYPES_REFUSED[extname(path).toLowerCase()];
  const outcome = await readBounded(path, ATTACHMENT_BYTES_MAX);
  if (outcome.kind === "missing") throw missing(path, "There is no such file.");
  if (outcome.kind === "folder") throw missing(path, "It is a folder.");
  if (outcome.kind === "special") throw missing(path, "It is not a regular file.");
  if (outcome.kind === "refused") throw missing(path, `${outcome.cause.message}.`, outcome.cause);
  if (refused !== undefined) {
    throw new PolylogueError("ATTACHMENT_TYPE", {
      message: `The attachment ${path} is ${refused}; agents can be given text, Markdown and source code.`,
      mend: "Convert it to text or Markdown first, and attach that.",
    });
  }
  if (outcome.kind === "too-large") throw tooLarge(`The attachment ${path}`, outcome.bytes, ATTACHMENT_BYTES_MAX);
  const text = textFromBytes(outcome.bytes);
  if (text === undefined) {
    throw new PolylogueError("ATTACHMENT_BINARY", {
      message: `The attachment ${path} is not text: it holds a NUL byte or is not valid UTF-8.`,
      mend: "Attach a text file; convert one in another encoding, for example by: iconv -t utf-8.",
    });
  }
  return { name: path, mediaType: mediaTypeOf(path), text };
}

/** Reads all, in this order; the first fault ends it. */
export async function readAttachments(paths: readonly string[]): Promise<Attachment[]> {
  const attachments: Attachment[] = [];
  for (const path of paths) attachments.push(await readAttachment(path));
  checkAttachments(attachments);
  return attachments;
}

/** The limits, for attachments that did not come from a file. */
export function checkAttachments(attachments: readonly Attachment[]): void {
  let total = 0;
  for (const { name, text } of attachments) {
    const bytes = Buffer.byteLength(text, "utf8");
    if (bytes > ATTACHMENT_BYTES_MAX) throw tooLarge(`The attachment ${name}`, bytes, ATTACHMENT_BYTES_MAX);
    total += bytes;
  }
  if (total > ATTACHMENTS_BYTES_MAX) throw tooLarge("All attachments together", total, ATTACHMENTS_BYTES_MAX);
  const names = attachments.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new PolylogueError("USAGE", {
      message: `Two attachments have the name ${repeated}, so a quotation could not say which one it is from.`,
      mend: "Attach each file once, under its own name.",
    });
  }
}

/** Source code is plain text to a vendor; its name tells the model the language. */
function mediaTypeOf(path: string): string {
  const extension = extname(basename(path)).toLowerCase();
  if (MARKDOWN.has(extension)) return "text/markdown";
  if (extension === ".json") return "application/json";
  return "text/plain";
}

function missing(path: string, why: string, cause?: Error): PolylogueError {
  return new PolylogueError("ATTACHMENT_MISSING", {
    message: `The attachment ${path} cannot be read. ${why}`,
    mend: "Give the path of a readable text file.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooLarge(what: string, bytes: number, bytesMax: number): PolylogueError {
  return new PolylogueError("ATTACHMENT_TOO_LARGE", {
    message: `${what}: at least ${bytes} bytes, where ${bytesMax} are the limit.`,
    mend: "Attach the part that matters, or a summary.",
  });
}
