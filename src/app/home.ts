// Where the data lives: one folder, for its owner alone, with the database in it.
import { dirname, isAbsolute, join, resolve } from "node:path";
import { PolylogueError } from "../domain/errors.ts";
import { closeToOthers, ensurePrivateFolder, findUpwards, PRIVATE_FILE_MODE } from "../platform/files.ts";
import type { ConfigOrigin } from "./config/config.ts";
import { type Environment, variable } from "./environment.ts";

export const CONFIG_FILE_NAME = "polylogue.yaml";
export const DATABASE_FILE_NAME = "polylogue.db";
const HOME_FOLDER_NAME = ".polylogue";

export interface Home {
  readonly path: string;
  readonly database: string;
  readonly origin: ConfigOrigin;
}

export interface HomeSearch {
  readonly environment: Environment;
  /** Where the search for polylogue.yaml starts. */
  readonly folder: string;
  /** Said on the spot; wins over everything. */
  readonly home?: string;
  /** The configuration file in use, where it was named rather than found. */
  readonly configFile?: string;
}

/** POLYLOGUE_HOME, else `.polylogue` beside the nearest polylogue.yaml, else the XDG data folder. Makes nothing. */
export async function findHome(search: HomeSearch): Promise<Home> {
  if (search.home !== undefined) {
    // An empty path would mean the current folder, which is hardly what an unset variable in a script stands for.
    if (search.home.trim() === "") throw emptyHome();
    return home(resolve(search.folder, search.home), { source: "flag", where: "home" });
  }
  const fromEnvironment = variable(search.environment, "POLYLOGUE_HOME");
  if (fromEnvironment !== undefined) {
    return home(resolve(search.folder, fromEnvironment), { source: "environment", where: "POLYLOGUE_HOME" });
  }
  const configFile = search.configFile ?? (await nearestConfigFile(search.folder));
  if (configFile !== undefined) {
    return home(join(dirname(configFile), HOME_FOLDER_NAME), { source: "project file", where: configFile });
  }
  const data = xdgFolder(search.environment, "XDG_DATA_HOME", ".local/share");
  if (data !== undefined) return home(join(data, "polylogue"), { source: "default", where: "XDG data folder" });
  throw new PolylogueError("USAGE", {
    message:
      "There is no folder for the data: neither POLYLOGUE_HOME nor HOME is set, and no polylogue.yaml was found.",
    mend: "Set POLYLOGUE_HOME.",
  });
}

/** The nearest polylogue.yaml upwards. Throws `CONFIG_UNREADABLE` where it cannot be told whether there is one. */
export async function nearestConfigFile(folder: string): Promise<string | undefined> {
  try {
    return await findUpwards(CONFIG_FILE_NAME, folder);
  } catch (error) {
    throw unreadableFolder(folder, error);
  }
}

/** For a search of a configuration that the file system refuses. */
export function unreadableFolder(folder: string, cause: unknown): PolylogueError {
  return new PolylogueError("CONFIG_UNREADABLE", {
    message: `Whether there is a ${CONFIG_FILE_NAME} in ${folder} cannot be told: ${(cause as Error).message}.`,
    mend: "Change to a folder that you may read, or name a file with --config.",
    cause,
  });
}

/**
 * XDG Base Directory Specification 0.8: a relative path in the variable is
 * invalid and ignored. Undefined where there is no HOME either.
 */
export function xdgFolder(environment: Environment, name: string, fallback: string): string | undefined {
  const value = variable(environment, name);
  if (value !== undefined && isAbsolute(value)) return value;
  const userFolder = variable(environment, "HOME");
  return userFolder === undefined ? undefined : join(userFolder, fallback);
}

/**
 * Makes the folder where it is missing, closed to other users, as a database is
 * that was there. A folder that exists keeps its mode; the doctor tells who can
 * reach it. Throws `STORE_READ_ONLY`.
 */
export async function ensureHome(place: Home): Promise<void> {
  try {
    await ensurePrivateFolder(place.path);
    // SQLite keeps the newest writes beside the database until it folds them in.
    for (const suffix of ["", "-wal", "-shm"]) await closeToOthers(`${place.database}${suffix}`, PRIVATE_FILE_MODE);
  } catch (error) {
    throw new PolylogueError("STORE_READ_ONLY", {
      message: `The data folder ${place.path} cannot be written: ${(error as Error).message}.`,
      mend: "Set POLYLOGUE_HOME to a folder that you may write to.",
      cause: error,
    });
  }
}

function emptyHome(): PolylogueError {
  return new PolylogueError("USAGE", {
    message: "The folder for the data was given as an empty text.",
    mend: "Name a folder with --home (home), or leave it out.",
  });
}

function home(path: string, origin: ConfigOrigin): Home {
  return { path, database: join(path, DATABASE_FILE_NAME), origin };
}
