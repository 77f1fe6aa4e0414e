// Attachments: what agents can be given, and clear refusals of the rest.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  ATTACHMENT_BYTES_MAX,
  ATTACHMENTS_BYTES_MAX,
  checkAttachments,
  readAttachment,
  readAttachments,
} from "../../src/app/attachments.ts";
import { temporaryFolder } from "../temporary-folder.ts";

function file(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

describe("attachments", () => {
  it.each([
    ["notes.md", "text/markdown"],
    ["NOTES.MARKDOWN", "text/markdown"],
    ["data.json", "application/json"],
    ["main.ts", "text/plain"],
    ["Makefile", "text/plain"],
    [".gitignore", "text/plain"],
  ])("takes %s as %s, whole", async (name, mediaType) => {
    const path = file(name, "Grün.\nTwo lines.\n");
    expect(await readAttachment(path)).toEqual({ name: path, mediaType, text: "Grün.\nTwo lines.\n" });
  });

  it("refuses what cannot be read, each with its reason", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "d.md"));
    const reason = (path: string) => readAttachment(path).catch((error: unknown) => error);
    expect(await reason(join(folder, "none.md"))).toMatchObject({
      code: "ATTACHMENT_MISSING",
      message: expect.stringContaining("no such file") as string,
    });
    expect(await reason(join(folder, "d.md"))).toMatchObject({
      code: "ATTACHMENT_MISSING",
      message: expect.stringContaining("is a folder") as string,
    });
    expect(await reason("/dev/null")).toMatchObject({
      code: "ATTACHMENT_MISSING",
      message: expect.stringContaining("not a regular file") as string,
    });
    expect(await reason("a\0b.md")).toMatchObject({
      code: "ATTACHMENT_MISSING",
      message: expect.stringContaining("cannot be read") as string,
      cause: expect.any(Error) as Error,
    });
  });

  it.each(["paper.pdf", "photo.PNG", "table.xlsx", "all.zip"])("refuses %s by its type", async (name) => {
    await expect(readAttachment(file(name, "plain text all the same"))).rejects.toMatchObject({
      code: "ATTACHMENT_TYPE",
      mend: expect.stringContaining("Convert it") as string,
    });
  });

  it("refuses bytes that are no text", async () => {
    for (const bytes of [Buffer.from("a\0b"), Buffer.from([0xc3, 0x28])]) {
      await expect(readAttachment(file("f.txt", bytes))).rejects.toMatchObject({ code: "ATTACHMENT_BINARY" });
    }
  });

  it("limits each file and all together", async () => {
    const largest = "x".repeat(ATTACHMENT_BYTES_MAX);
    expect((await readAttachment(file("full.txt", largest))).text).toHaveLength(ATTACHMENT_BYTES_MAX);
    const over = file("over.txt", `${largest}x`);
    await expect(readAttachment(over)).rejects.toMatchObject({ code: "ATTACHMENT_TOO_LARGE" });
    const count = ATTACHMENTS_BYTES_MAX / ATTACHMENT_BYTES_MAX;
    const full = Array.from({ length: count }, (_, index) => file(`${index}.txt`, largest));
    expect(await readAttachments(full)).toHaveLength(count);
    await expect(readAttachments([...full, file("one-more.txt", "x")])).rejects.toMatchObject({
      code: "ATTACHMENT_TOO_LARGE",
      message: expect.stringContaining("together") as string,
    });
  });

  it("holds the limits for text that came from no file; bytes count, not characters", () => {
    const text = "ü".repeat(ATTACHMENT_BYTES_MAX / 2 + 1);
    expect(() => checkAttachments([{ name: "a", mediaType: "text/plain", text }])).toThrow(/The attachment a/);
  });

  it("refuses two of one name: a quotation could not say which it is from", async () => {
    const path = file("a.md", "x");
    await expect(readAttachments([path, path])).rejects.toMatchObject({ code: "USAGE" });
  });
});
