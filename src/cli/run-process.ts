// The command line in a process: arguments in, exit code out, and whatever goes
// wrong told in words.
import { fileURLToPath } from "node:url";
import { readEnvironment } from "../app/environment.ts";
import { EXIT_CODES } from "../domain/errors.ts";
import { createAppServices } from "./app-services.ts";
import { versionText } from "./build-info.ts";
import { callerFolder } from "./caller-folder.ts";
import { reportError } from "./output.ts";
import { createProcessIo, type HostProcess } from "./process-io.ts";
import { runCli } from "./run.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Sets the exit code and lets the process end by itself, so that everything written arrives. */
export async function runProcess(host: HostProcess): Promise<void> {
  const args = host.argv.slice(2);
  const folder = callerFolder(readEnvironment(), { root: ROOT, cwd: host.cwd() });
  if (folder !== undefined) host.chdir(folder);
  const io = createProcessIo(host);
  const onUncaught = (error: unknown): void => {
    const has = (flag: string): boolean => args.includes(flag);
    const flags = { json: has("--json"), jsonl: has("--jsonl"), debug: has("--debug") };
    // Told last of all, after a live view has given the terminal back.
    host.once("exit", () => reportError(error, io, flags));
    host.exit(EXIT_CODES.failure);
  };
  host.on("uncaughtException", onUncaught);
  host.on("unhandledRejection", onUncaught);
  host.exitCode = await runCli({
    args,
    io,
    services: createAppServices(),
    version: versionText(ROOT, { version: host.versions.node, platform: host.platform }),
  });
}
