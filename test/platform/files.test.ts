// Files: bounded reading, closed folders, searching upwards.
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  closeToOthers,
  ensurePrivateFolder,
  findUpwards,
  modeOf,
  readBounded,
  textFromBytes,
} from "../../src/platform/files.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const mode = (path: string): number => statSync(path).mode & 0o777;

describe("files", () => {
  it("reads a file up to its limit, byte for byte", async () => {
    const path = join(temporaryFolder(), "f");
    writeFileSync(path, "12345");
    const outcome = await readBounded(path, 5);
    expect(outcome.kind === "read" && Buffer.from(outcome.bytes).toString()).toBe("12345");
    expect(await readBounded(path, 4)).toEqual({ kind: "too-large", bytes: 5 });
  });

  it("limits what is read where the size is not known beforehand", async () => {
    // The kernel states 0 bytes for files of /proc, and gives more.
    expect(await readBounded("/proc/self/status", 10)).toEqual({ kind: "too-large", bytes: 11 });
  });

  it("tells apart what a path can be", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    expect(await readBounded(join(folder, "none"), 10)).toEqual({ kind: "missing" });
    expect(await readBounded(join(folder, "file", "below"), 10)).toEqual({ kind: "missing" });
    expect(await readBounded(folder, 10)).toEqual({ kind: "folder" });
    expect(await readBounded("/dev/null", 10)).toEqual({ kind: "special" });
    expect(await readBounded("a\0b", 10)).toMatchObject({ kind: "refused" });
  });

  it("makes folders for their owner alone, leaves those that exist, and closes files", async () => {
    const root = temporaryFolder();
    const folder = join(root, "a", "b");
    await ensurePrivateFolder(folder);
    expect([mode(folder), mode(join(root, "a"))]).toEqual([0o700, 0o700]);
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "f"), "kept");
    chmodSync(join(folder, "f"), 0o644);
    await ensurePrivateFolder(folder);
    await closeToOthers(join(folder, "f"), 0o600);
    await closeToOthers(join(folder, "none"), 0o600);
    expect([mode(folder), mode(join(folder, "f"))]).toEqual([0o755, 0o600]);
    chmodSync(join(folder, "f"), 0o400);
    await closeToOthers(join(folder, "f"), 0o600);
    expect(mode(join(folder, "f"))).toBe(0o400);
  });

  it("ends where a folder can never be made", async () => {
    await expect(ensurePrivateFolder("/proc/none/below")).rejects.toMatchObject({ code: "ENOENT" });
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    await expect(ensurePrivateFolder(file)).rejects.toMatchObject({ code: "EEXIST" });
    await expect(ensurePrivateFolder(join(file, "below"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(ensurePrivateFolder("a\0b")).rejects.toThrow();
  });

  it("lets several make the same folder at once", async () => {
    const folder = join(temporaryFolder(), "a", "b", "c");
    await Promise.all(Array.from({ length: 8 }, () => ensurePrivateFolder(folder)));
    expect(mode(folder)).toBe(0o700);
  });

  it("knows the mode of what is there", async () => {
    const folder = temporaryFolder();
    expect(await modeOf(join(folder, "none"))).toBeUndefined();
    await expect(modeOf("a\0b")).rejects.toThrow();
  });

  it("finds the nearest file upwards, or none", async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "a", "b"), { recursive: true });
    writeFileSync(join(root, "polylogue-test.yaml"), "");
    expect(await findUpwards("polylogue-test.yaml", join(root, "a", "b"))).toBe(join(root, "polylogue-test.yaml"));
    writeFileSync(join(root, "a", "polylogue-test.yaml"), "");
    expect(await findUpwards("polylogue-test.yaml", join(root, "a", "b"))).toBe(join(root, "a", "polylogue-test.yaml"));
    expect(await findUpwards("no-such-file-anywhere.yaml", root)).toBeUndefined();
  });

  it("takes UTF-8 text and nothing else", () => {
    expect(textFromBytes(Buffer.from("grün 猫"))).toBe("grün 猫");
    expect(textFromBytes(Buffer.from("\ufeffwith a mark"))).toBe("with a mark");
    expect(textFromBytes(Buffer.from([0x61, 0x00]))).toBeUndefined();
    expect(textFromBytes(Buffer.from([0xff, 0xfe]))).toBeUndefined();
  });
});
