// Where a user stands who calls the command by a script of this checkout: npm runs
// scripts in the package's folder, and tells in INIT_CWD from where it was called.
import path from "node:path";
import { type Environment, variable } from "../app/environment.ts";

/**
 * The folder to go to before any path is read; undefined to stay. `root` is this
 * package's folder. Scripts of other packages, and whoever changed the folder
 * after npm did, are left where they are.
 */
export function callerFolder(
  env: Environment,
  at: { readonly root: string; readonly cwd: string },
): string | undefined {
  const manifest = variable(env, "npm_package_json");
  const caller = variable(env, "INIT_CWD");
  const root = path.resolve(at.root);
  const isOurScript = manifest !== undefined && path.dirname(path.resolve(manifest)) === root;
  return isOurScript && path.resolve(at.cwd) === root ? caller : undefined;
}
