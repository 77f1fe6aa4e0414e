// What is wrong with a layer, in words a person can act on: where, which key,
// what was probably meant. Values are never repeated: one of them might be a key.
import { z } from "zod";
import { PolylogueError } from "../../domain/errors.ts";
import { suggestion } from "../../domain/near-names.ts";
import type { ConfigPath } from "./layer.ts";
import { configSchema } from "./schema.ts";

const ISSUES_SHOWN_MAX = 10;

/** Throws `CONFIG_INVALID` with every issue, in the order of the text. */
export function checkGrammar(
  value: unknown,
  layer: { readonly name: string; where(path: ConfigPath): string | null },
): void {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return;
  const lines = new Set(parsed.error.issues.flatMap((issue) => describeIssue(issue, layer.where)));
  const shown = [...lines].slice(0, ISSUES_SHOWN_MAX);
  const more = lines.size - shown.length;
  throw new PolylogueError("CONFIG_INVALID", {
    message: [`${layer.name} is not valid.`, ...shown, ...(more > 0 ? [`And ${more} more.`] : [])].join("\n  "),
    mend: "Correct what is named; `polylogue config explain` shows every value and where it comes from.",
  });
}

function describeIssue(issue: z.core.$ZodIssue, where: (path: ConfigPath) => string | null): string[] {
  const path = issue.path as (string | number)[];
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(configSchema, path);
    return issue.keys.map((key) => line([...path, key], `unknown key. ${suggestion(key, known)}`, where));
  }
  if (issue.code === "invalid_key") {
    return [line(path, `this name ${issue.issues.map(({ message }) => message).join("; ")}.`, where)];
  }
  return [line(path, `${issue.message}.`, where)];
}

function line(path: ConfigPath, what: string, where: (path: ConfigPath) => string | null): string {
  const place = where(path);
  return `${place === null ? "" : `${place}: `}${path.length === 0 ? "the whole" : path.join(".")}: ${what}`;
}

/** The keys that the grammar knows at the path of an object that has an unknown one. */
function keysAt(schema: z.core.$ZodType, path: ConfigPath): string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path);
  const [first, ...rest] = path;
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest);
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest);
  const shape = (schema as z.ZodObject).shape as Record<string, z.core.$ZodType>;
  return first === undefined ? Object.keys(shape) : keysAt(shape[first] as z.core.$ZodType, rest);
}
