// Secrets: from a variable or a closed file, and from nowhere else.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSecret, SECRET_BYTES_MAX } from "../../src/platform/secrets.ts";
import { temporaryFolder } from "../temporary-folder.ts";

describe("secrets", () => {
  it("prefers the variable, and trims what a file or a shell added", async () => {
    const file = join(temporaryFolder(), "key");
    writeFileSync(file, "from-file\n", { mode: 0o600 });
    const places = { variable: "KEY", file };
    expect(await readSecret(places, { KEY: " from-env " })).toEqual({
      state: "set",
      value: "from-env",
      from: "environment",
      where: "KEY",
    });
    const set = { state: "set", value: "from-file", from: "file", where: file };
    expect(await readSecret(places, { KEY: "" })).toEqual(set);
    expect(await readSecret({ file }, {})).toEqual(set);
  });

  it("counts nothing, a missing file and an empty file as not set", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "empty"), " \n", { mode: 0o600 });
    expect(await readSecret({ variable: "KEY" }, {})).toEqual({ state: "not set" });
    expect(await readSecret({ file: join(folder, "none") }, {})).toEqual({ state: "not set" });
    expect(await readSecret({ file: join(folder, "empty") }, {})).toEqual({ state: "not set" });
  });

  it.each([0o644, 0o640, 0o604, 0o620, 0o601])("refuses a file of mode %o, and says how to close it", async (mode) => {
    const file = join(temporaryFolder(), "key");
    writeFileSync(file, "planted-secret-value");
    chmodSync(file, mode);
    const refused = await readSecret({ file }, {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "SECRET_FILE_MODE", mend: `Run: chmod 600 ${file}` });
    expect(String(refused)).not.toContain("planted");
  });

  it("refuses what is no key: bytes, a folder, something huge, what nobody can look at", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "bytes"), Buffer.from([0xff, 0x00]), { mode: 0o600 });
    writeFileSync(join(folder, "huge"), "x".repeat(SECRET_BYTES_MAX + 1), { mode: 0o600 });
    mkdirSync(join(folder, "folder"), { mode: 0o700 });
    symlinkSync(join(folder, "loop"), join(folder, "loop"));
    for (const name of ["bytes", "huge", "folder", "loop"]) {
      await expect(readSecret({ file: join(folder, name) }, {})).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
    }
  });
});
