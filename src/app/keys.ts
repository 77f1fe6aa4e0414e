// Keys of vendors: where each may come from, and what to say where there is none.
import type { VendorRecord } from "../agents/vendors/vendor.ts";
import { readSecret } from "../platform/secrets.ts";
import type { Config } from "./config/config.ts";
import type { Environment } from "./environment.ts";

/** One place where a key may be. */
export type KeyPlace = { readonly variable: string } | { readonly file: string };

export type KeyState =
  | { readonly state: "set"; readonly value: string; readonly where: string }
  | { readonly state: "not needed" }
  | { readonly state: "missing"; readonly reason: string; readonly mend: string };

/** In the order they are tried. A route with a key of its own never falls back to its vendor's. */
export function keyPlaces(record: VendorRecord, config: Pick<Config, "vendors">, key?: string): KeyPlace[] {
  if (key !== undefined) return [{ variable: key }];
  const file = config.vendors[record.name]?.keyFile;
  return [...record.keyEnv.map((variable) => ({ variable })), ...(file === undefined ? [] : [{ file }])];
}

/** The variable or file, as people know it. */
export function placeName(place: KeyPlace): string {
  return "variable" in place ? place.variable : place.file;
}

/** A header carries visible ASCII; a line break within would end it, and what follows would be read as headers. */
function isSendable(key: string): boolean {
  return /^[\x20-\x7e]+$/.test(key);
}

/** Never says the key, nor a part of it. */
function unsendable({ title, keyUrl }: VendorRecord, where: string): KeyState {
  return {
    state: "missing",
    reason: `The key for ${title} in ${where} cannot be sent: it has a line break or another character that no key has.`,
    mend: `Copy the key once more into ${where}, in one line${keyUrl === undefined ? "" : ` (it is at ${keyUrl})`}.`,
  };
}

/** Throws only for a key file that cannot be used: `SECRET_FILE_MODE`, `CONFIG_UNREADABLE`. */
export async function findKey(
  wanted: { readonly record: VendorRecord; readonly key?: string },
  config: Pick<Config, "vendors">,
  environment: Environment,
): Promise<KeyState> {
  const { record, key } = wanted;
  const places = keyPlaces(record, config, key);
  for (const place of places) {
    const found = await readSecret(place, environment);
    if (found.state === "not set") continue;
    const { value, where } = found;
    return isSendable(value) ? { state: "set", value, where } : unsendable(record, where);
  }
  if (!record.keyRequired && key === undefined) return { state: "not needed" };
  const names = places.map(placeName).join(" or ");
  return {
    state: "missing",
    reason: `There is no key for ${record.title}: ${names} is not set.`,
    mend: `Set ${names}${record.keyUrl === undefined ? "" : ` (get a key at ${record.keyUrl})`}, or try without keys: --simulated.`,
  };
}
