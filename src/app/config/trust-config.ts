// `polylogue config trust`: the user has read a configuration file, and agrees
// with what it says about keys.
import { resolve } from "node:path";
import { PolylogueError } from "../../domain/errors.ts";
import { createRedactor } from "../../platform/redaction.ts";
import { readEnvironment } from "../environment.ts";
import { CONFIG_FILE_NAME } from "../home.ts";
import type { TrustDocument } from "./config.ts";
import { readConfigFile } from "./config-file.ts";
import { type ConfigSearch, findConfigFiles } from "./load-config.ts";
import { keySettings } from "./trust.ts";
import { keepTrust } from "./trust-store.ts";

/**
 * Trusts the content that the file has now; without a name the file that would be
 * found. Throws `USAGE` where there is none, and what {@link readConfigFile} throws.
 */
export async function trustConfig(search: ConfigSearch & { readonly file?: string } = {}): Promise<TrustDocument> {
  const environment = search.environment ?? readEnvironment();
  const folder = search.folder ?? process.cwd();
  const { project } = await findConfigFiles(search, environment);
  const file = search.file === undefined ? project : resolve(folder, search.file);
  if (file === undefined) {
    throw new PolylogueError("USAGE", {
      message: `There is no ${CONFIG_FILE_NAME} in ${folder} or a folder above it.`,
      mend: "Name the file: polylogue config trust FILE.",
    });
  }
  const { value, where, digest } = await readConfigFile(file, "project file");
  await keepTrust({ file, digest }, environment);
  const { redact } = createRedactor();
  const settings = keySettings(value).map(({ path, value: said }) => ({
    path: path.join("."),
    value: redact(typeof said === "string" ? said : JSON.stringify(said)),
    where: where(path) as string,
  }));
  return { schema: "polylogue.trust/1", file, digest, settings };
}
