// What is published works: the packed files install elsewhere, the command runs,
// the library imports, the types are there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { ROOT } from "../tidy/source-files.ts";

/** As npm unpacks it: the packed files under node_modules/polylogue, its dependencies beside it. */
function unpack(folder: string): void {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  // A project of its own, whatever the folders above it say.
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const modules = path.join(folder, "node_modules");
  mkdirSync(modules);
  execFileSync("tar", ["-xzf", path.join(folder, archive), "-C", modules]);
  execFileSync("mv", [path.join(modules, "package"), path.join(modules, "polylogue")]);
  for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
  }
}

describe("the published package", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "polylogue-package-"));
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", HOME: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });

  beforeAll(() => unpack(folder), 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("holds no source, no test and no private file", () => {
    const packed = readdirSync(path.join(folder, "node_modules/polylogue"), { recursive: true, encoding: "utf8" });
    expect(packed).toContain("LICENSE");
    expect(packed).toContain("README.md");
    expect(
      packed.filter(
        (name) => /(^|\/)(test|src|scripts|\.ci)\//.test(name) || (/\.ts$/.test(name) && !/\.d\.ts$/.test(name)),
      ),
    ).toEqual([]);
  });

  it("its command runs the main job", { timeout: 60_000 }, () => {
    verifies("R7.1", "R7.5");
    const command = path.join(folder, "node_modules/polylogue/dist/cli/main.js");
    expect(run(command, "--version")).toMatch(/\d+\.\d+\.\d+/);
    const document = JSON.parse(run(command, "demo", "--json")) as { schema: string; simulated: boolean };
    expect(document).toMatchObject({ schema: "polylogue.ask/1", simulated: true });
  });

  it("its library is imported by name, with types", { timeout: 120_000 }, () => {
    writeFileSync(
      path.join(folder, "use.mts"),
      `import { createPolylogue, type AskDocument } from "polylogue";
import { createSimulators } from "polylogue/simulators";
const polylogue = await createPolylogue({ simulated: true, simulatedLatency: "none", environment: {}, home: "home" });
const result: AskDocument = await polylogue.ask({ question: "One writer or many?", as: "debate" });
await polylogue.close();
process.stdout.write(\`\${result.schema} \${typeof createSimulators}\`);
`,
    );
    expect(run("use.mts")).toBe("polylogue.ask/1 function");
    const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
    const options = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--skipLibCheck",
      "--types",
      "node",
    ];
    expect(run(tsc, ...options, "use.mts")).toBe("");
    expect(existsSync(path.join(folder, "node_modules/polylogue/dist/index.d.ts"))).toBe(true);
  });
});
