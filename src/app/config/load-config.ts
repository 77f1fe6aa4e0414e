// Loads the configuration: flags, then environment, then the project's file,
// then the user's file, then what comes with the program.
import { dirname, join, resolve } from "node:path";
import type { Orchestration } from "../../conversations/orchestration.ts";
import { modeOf } from "../../platform/files.ts";
import { digestOf } from "../../platform/hash.ts";
import { type Environment, readEnvironment, variable } from "../environment.ts";
import { CONFIG_FILE_NAME, nearestConfigFile, unreadableFolder, xdgFolder } from "../home.ts";
import type { PolylogueOptions } from "../options.ts";
import { BUILT_IN_VENDORS } from "../vendor-records.ts";
import type { ConfigInput, LoadedConfig, UntrustedFile } from "./config.ts";
import { environmentLayer } from "./config-environment.ts";
import { type FileLayer, readConfigFile } from "./config-file.ts";
import { CONFIG_DEFAULTS } from "./defaults.ts";
import { checkGrammar } from "./issues.ts";
import { type ConfigLayer, type MergedConfig, mergeLayers } from "./layer.ts";
import { checkAskAs, checkReferences } from "./references.ts";
import { type KeySetting, unvouchedSettings } from "./trust.ts";
import { isTrusted } from "./trust-store.ts";
import { assertNoneMistyped } from "./unread-variables.ts";

export type ConfigSearch = Pick<
  PolylogueOptions,
  "config" | "configFile" | "environment" | "folder" | "orchestrations"
>;

export interface ConfigFiles {
  readonly project?: string;
  /** Whether the project's file was come upon; else somebody named it. */
  readonly isFound: boolean;
  readonly user?: string;
}

/** Throws `CONFIG_UNREADABLE`, `CONFIG_INVALID`, `VENDOR_UNKNOWN` or `AGENT_UNKNOWN`. */
export async function loadConfig(search: ConfigSearch = {}): Promise<LoadedConfig> {
  const environment = search.environment ?? readEnvironment();
  const files = await findConfigFiles(search, environment);
  const user = files.user === undefined ? [] : [await readConfigFile(files.user, "user file")];
  const project = files.project === undefined ? [] : [await readConfigFile(files.project, "project file")];
  const fileLayers = [...user, ...project];
  const vendors = [...BUILT_IN_VENDORS.keys(), ...fileLayers.flatMap(({ value }) => Object.keys(value.vendors ?? {}))];
  const stronger = [environmentLayer(environment, vendors), flagLayer(search.config ?? {})];
  const said = [...fileLayers, ...stronger];
  const merged = mergeLayers([defaultLayer(said), ...said]);
  checkReferences(merged);
  await checkOrchestration(merged, search.orchestrations);
  assertNoneMistyped(environment, merged.config);
  const [found] = files.isFound ? project : [];
  const doubted =
    found === undefined ? [] : unvouchedSettings(found, { weaker: user, stronger, config: merged.config });
  const trusts = found === undefined || doubted.length === 0 || (await isTrusted(found, environment));
  return {
    ...merged,
    files: [files.project, files.user].filter((path) => path !== undefined),
    hash: digestOf(merged.config),
    ...(trusts ? {} : { untrusted: untrustedFile(found, doubted) }),
  };
}

/** Loaded only where somebody named one, so that a quick start without a configuration stays quick. */
async function checkOrchestration(
  merged: MergedConfig,
  own: readonly Pick<Orchestration, "name">[] = [],
): Promise<void> {
  if (merged.config.ask.as === CONFIG_DEFAULTS.ask.as) return;
  const { ORCHESTRATIONS } = await import("../../conversations/orchestrations/list.ts");
  checkAskAs(
    merged,
    [...ORCHESTRATIONS, ...own].map(({ name }) => name),
  );
}

function untrustedFile({ file, where }: FileLayer, settings: readonly KeySetting[]): UntrustedFile {
  return { file, settings: settings.map(({ path }) => ({ path: path.join("."), where: where(path) as string })) };
}

export async function findConfigFiles(search: ConfigSearch, environment: Environment): Promise<ConfigFiles> {
  const folder = search.folder ?? process.cwd();
  const named = search.configFile ?? variable(environment, "POLYLOGUE_CONFIG");
  const project = named === undefined ? await nearestConfigFile(folder) : resolve(folder, named);
  const userFolder = xdgFolder(environment, "XDG_CONFIG_HOME", ".config");
  const user = userFolder === undefined ? undefined : join(userFolder, "polylogue", CONFIG_FILE_NAME);
  return {
    ...(project === undefined ? {} : { project }),
    // Where both searches find the same file it is the user's own.
    isFound: named === undefined && project !== user,
    // Under the user's own folder both searches may find the same file.
    ...(user !== undefined && user !== project && (await isThere(user)) ? { user } : {}),
  };
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await modeOf(file)) !== undefined;
  } catch (error) {
    throw unreadableFolder(dirname(file), error);
  }
}

function flagLayer(value: ConfigInput): ConfigLayer {
  const where = (): null => null;
  checkGrammar(value, { name: "What the flags say", where });
  return { source: "flag", value, where };
}

/** Who defines agents of his own means those when he asks without naming anybody. */
function defaultLayer(said: readonly ConfigLayer[]): ConfigLayer {
  const own = said.flatMap(({ value }) =>
    Object.entries(value.agents ?? {}).flatMap(([id, agent]) => (agent.vendor === undefined ? [] : [id])),
  );
  const ids = [...new Set(own)];
  const value = ids.length === 0 ? CONFIG_DEFAULTS : { ...CONFIG_DEFAULTS, ask: { ...CONFIG_DEFAULTS.ask, with: ids } };
  return {
    source: "default",
    value,
    where: (path) => (ids.length > 0 && path.join(".") === "ask.with" ? "the agents you defined" : null),
  };
}
