// Where the data lives, and that nobody else can read it.
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/app/environment.ts";
import { ensureHome, findHome } from "../../src/app/home.ts";
import { temporaryFolder } from "../temporary-folder.ts";

describe("home", () => {
  it("is the named one, then POLYLOGUE_HOME, then beside polylogue.yaml, then the XDG data folder", async () => {
    const root = temporaryFolder();
    const folder = join(root, "project", "deep");
    mkdirSync(folder, { recursive: true });
    const environment = { HOME: join(root, "user") };
    expect(await findHome({ environment, folder })).toMatchObject({
      path: join(root, "user/.local/share/polylogue"),
      origin: { source: "default" },
    });
    expect(await findHome({ environment: { ...environment, XDG_DATA_HOME: "/xdg" }, folder })).toMatchObject({
      path: "/xdg/polylogue",
    });
    expect(await findHome({ environment: { ...environment, XDG_DATA_HOME: "relative" }, folder })).toMatchObject({
      path: join(root, "user/.local/share/polylogue"),
    });
    writeFileSync(join(root, "project", "polylogue.yaml"), "");
    expect(await findHome({ environment, folder })).toEqual({
      path: join(root, "project/.polylogue"),
      database: join(root, "project/.polylogue/polylogue.db"),
      origin: { source: "project file", where: join(root, "project/polylogue.yaml") },
    });
    expect(await findHome({ environment, folder, configFile: "/etc/p/polylogue.yaml" })).toMatchObject({
      path: "/etc/p/.polylogue",
    });
    const variables = { ...environment, POLYLOGUE_HOME: "data" };
    expect(await findHome({ environment: variables, folder })).toMatchObject({
      path: join(folder, "data"),
      origin: { source: "environment", where: "POLYLOGUE_HOME" },
    });
    expect(await findHome({ environment: variables, folder, home: "/named" })).toMatchObject({ path: "/named" });
  });

  it("says what to set where there is no place at all", async () => {
    await expect(findHome({ environment: {}, folder: temporaryFolder() })).rejects.toMatchObject({
      code: "USAGE",
      mend: "Set POLYLOGUE_HOME.",
    });
  });

  it("is closed to other users where it is made; a folder that was there keeps its mode", async () => {
    const path = join(temporaryFolder(), "home");
    const home = { path, database: join(path, "polylogue.db"), origin: { source: "flag", where: null } } as const;
    await ensureHome(home);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o1777);
    const files = ["", "-wal", "-shm"].map((suffix) => `${home.database}${suffix}`);
    for (const file of files) {
      writeFileSync(file, "");
      chmodSync(file, 0o644);
    }
    await ensureHome(home);
    expect(statSync(path).mode & 0o7777).toBe(0o1777);
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  });

  it("that cannot be made is an error with a way out", async () => {
    const blocked = join(temporaryFolder(), "file");
    writeFileSync(blocked, "");
    const home = { path: blocked, database: join(blocked, "x"), origin: { source: "flag", where: null } } as const;
    await expect(ensureHome(home)).rejects.toMatchObject({
      code: "STORE_READ_ONLY",
      mend: expect.stringContaining("POLYLOGUE_HOME") as string,
    });
  });

  it("in a file system that makes no folders is refused, and soon", async () => {
    const home = { path: "/proc/nope", database: "/proc/nope/x", origin: { source: "flag", where: null } } as const;
    await expect(ensureHome(home)).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
  });

  it("is never the current folder because a text was empty", async () => {
    const folder = temporaryFolder();
    const environment = { HOME: folder, POLYLOGUE_HOME: "" };
    expect((await findHome({ environment, folder })).path).toBe(join(folder, ".local/share/polylogue"));
    await expect(findHome({ environment, folder, home: " " })).rejects.toMatchObject({ code: "USAGE" });
  });

  it("is found from the process's own environment, which always has a HOME", () => {
    expect(readEnvironment().HOME).toMatch(/^\//);
  });
});
