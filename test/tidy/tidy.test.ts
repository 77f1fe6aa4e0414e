// The house rules that a machine can check. Each failure names file and reason.
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ERRORS, EXIT_CODES } from "../../src/domain/errors.ts";
import config from "../../vitest.config.ts";
import { verifies } from "../requirements.ts";
import { ENTRY_POINTS, FLOORS, roomOf } from "./floors.ts";
import { filesUnder, ROOT, readSource, relative, type SourceFile } from "./source-files.ts";

const FILE_LINES_MAX = 400;
const manifest = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
};
const sources = filesUnder("src")
  .filter((file) => file.endsWith(".ts"))
  .map(readSource);
const byPath = new Map(sources.map((source) => [source.path, source]));
const scripts = ["test", "scripts", "bench"].flatMap(filesUnder).filter((file) => file.endsWith(".ts"));

/** Folders whose files are parts of one thing that is tested as a whole. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  "cli/conversation": "cli/commands",
  "cli/demo": "cli/real",
  "cli/simulate": "cli/commands",
  "simulators/chat": "simulators/openai",
};

/** Lines that match a pattern, as `file:line text`. */
function lines(files: readonly SourceFile[], pattern: RegExp, text: (file: SourceFile) => string): string[] {
  return files.flatMap((file) =>
    text(file)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1} ${line.trim()}`] : [])),
  );
}

function outside(...rooms: string[]): SourceFile[] {
  return sources.filter((file) => !rooms.includes(roomOf(file.path)));
}

function withoutComments(file: SourceFile): string {
  return file.text.replace(/\/\*[\s\S]*?\*\/|(^|[^:"'`])\/\/[^\n]*/g, (match) => match.replace(/[^\n]/g, " "));
}

describe("floors", () => {
  it("every room has a floor", () => {
    const rooms = new Set(sources.map((file) => roomOf(file.path)).filter((room) => room !== ""));
    expect([...rooms].filter((room) => FLOORS[room] === undefined)).toEqual([]);
  });

  it("imports go down", () => {
    const wrong = sources.flatMap((file) =>
      file.imports.flatMap(({ target }) => {
        const from = roomOf(file.path);
        const to = target === undefined ? "" : roomOf(target);
        if (from === "" || to === "" || from === to) return [];
        return (FLOORS[to] ?? 99) < (FLOORS[from] ?? 0) ? [] : [`${file.path} imports ${target}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("no import cycle", () => {
    expect(findCycle()).toEqual([]);
  });

  it("every file is reached from an entry point", () => {
    const reached = new Set<string>();
    const waiting = [...ENTRY_POINTS];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      for (const { target } of byPath.get(next)?.imports ?? []) if (target !== undefined) waiting.push(target);
    }
    expect(sources.map((file) => file.path).filter((file) => !reached.has(file))).toEqual([]);
  });
});

function findCycle(): string[] {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { target, typeOnly } of byPath.get(file)?.imports ?? []) {
      if (target === undefined || typeOnly) continue;
      const cycle = walk(target, [...trail, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of sources) {
    const cycle = walk(file.path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe("shape", () => {
  it(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
    const all = [...filesUnder("src"), ...scripts].filter((file) => file.endsWith(".ts"));
    const long = all.map((file) => [relative(file), readFileSync(file, "utf8").split("\n").length - 1] as const);
    expect(long.filter(([, count]) => count > FILE_LINES_MAX)).toEqual([]);
  });

  it("every file begins by saying what it is", () => {
    const all = [...filesUnder("src"), ...scripts].filter((file) => file.endsWith(".ts"));
    const silent = all.filter((file) => !/^(#![^\n]*\n)?\/[/*]/.test(readFileSync(file, "utf8")));
    expect(silent.map(relative)).toEqual([]);
  });

  it("no name that says nothing", () => {
    const vague = /(^|[/.-])(utils?|common|helpers?|managers?|misc)([/.-]|$)/;
    expect(sources.map((file) => file.path).filter((file) => vague.test(file))).toEqual([]);
  });

  it("every extension is in its list", () => {
    const rooms = ["src/agents/vendors", "src/conversations/orchestrations", "src/datasets/formats", "src/imports"];
    const unlisted = rooms.flatMap((room) => {
      const list = byPath.get(`${room}/list.ts`);
      const listed = new Set(list?.imports.map(({ target }) => target));
      return sources
        .map((file) => file.path)
        .filter((file) => path.posix.dirname(file) === room && !file.endsWith("/list.ts") && !listed.has(file));
    });
    expect(unlisted).toEqual([]);
  });

  it("every folder of src has its tests at the same path, or says where they are", () => {
    const folders = new Set(sources.map((file) => path.posix.dirname(file.path).replace(/^src\/?/, "")));
    const tests = filesUnder("test")
      .map((file) => relative(file).replace(/^test\//, ""))
      .filter((file) => file.endsWith(".test.ts"));
    const isTested = (room: string) => tests.some((file) => file.startsWith(`${room}/`) || file === `${room}.test.ts`);
    const bare = [...folders].filter((folder) => folder !== "" && !isTested(TESTED_ELSEWHERE[folder] ?? folder));
    expect(bare).toEqual([]);
    expect(Object.keys(TESTED_ELSEWHERE).filter((folder) => !folders.has(folder))).toEqual([]);
  });

  it("nothing is exported wholesale or by default", () => {
    expect(lines(sources, /export \*|export default/, (file) => file.code)).toEqual([]);
  });
});

describe("the outside is injected", () => {
  it("the environment is read in app only", () => {
    expect(lines(outside("app"), /process\.env/, (file) => file.code)).toEqual([]);
  });

  it("time, chance and timers come from platform", () => {
    const wild = /Date\.now|new Date\(\)|Math\.random|\b(setTimeout|setInterval|setImmediate)\b|performance\.now/;
    expect(lines(outside("platform"), wild, (file) => file.code)).toEqual([]);
  });

  it("the network and processes come from platform", () => {
    const wild = /(?<!typeof )globalThis\.fetch|child_process|\b(spawn|execFile|fork)Sync?\(/;
    expect(lines(outside("platform"), wild, withoutComments).filter((line) => !/\.fork\(/.test(line))).toEqual([]);
    const bare = outside("platform").filter((file) => !/\bfetch\b\s*[:,}=?)]/.test(file.code));
    expect(lines(bare, /(?<![.\w])fetch\(/, (file) => file.code)).toEqual([]);
  });
});

describe("variation is data", () => {
  it("the core never names a vendor", () => {
    const rooms = ["domain", "storage", "journal", "mesh", "conversations"];
    const core = sources.filter((file) => rooms.includes(roomOf(file.path)));
    const vendor = /\b(anthropic|claude|google|gemini|deepseek|openai|gpt|mistral|xai|grok|groq)\b/i;
    expect(lines(core, vendor, withoutComments)).toEqual([]);
  });
});

describe("errors", () => {
  const table = readFileSync(path.join(ROOT, "docs/errors.md"), "utf8");
  const documented = [...table.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map((row) => [row[1] ?? "", Number(row[2])]);

  it("docs/errors.md lists exactly the codes, each with its exit code", () => {
    const codes = Object.entries(ERRORS).map(([code, spec]) => [code, EXIT_CODES[spec.exit]]);
    const order = (a: (string | number)[], b: (string | number)[]) => String(a[0]).localeCompare(String(b[0]));
    expect(documented.toSorted(order)).toEqual(codes.toSorted(order));
  });

  it("every code is used", () => {
    const used = sources
      .filter((file) => file.path !== "src/domain/errors.ts")
      .map((file) => file.text)
      .join("\n");
    expect(Object.keys(ERRORS).filter((code) => !new RegExp(`["'\`]${code}["'\`]`).test(used))).toEqual([]);
  });
});

describe("gates", () => {
  it("the README's test command fails below 95 % of lines or branches", () => {
    verifies("R7.5", "R7.6");
    expect(config.test?.coverage).toMatchObject({
      include: ["src/**/*.ts"],
      thresholds: { lines: 95, branches: 95 },
    });
    expect(manifest.scripts?.test).toContain("--coverage");
    const pipeline = readFileSync(path.join(ROOT, ".ci/run"), "utf8");
    expect(pipeline).toContain("npm ci");
    expect(pipeline).toContain("npm run -s check");
    expect(pipeline).toContain("npm test");
  });
});

describe("package", () => {
  it("the lockfile holds every platform's packages, so that `npm ci` works anywhere", () => {
    const { packages } = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    const names = new Set(Object.keys(packages).map((key) => key.split("node_modules/").at(-1)));
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  it("the lockfile names no address and every version is exact", () => {
    const lock = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { resolved?: string }>;
    };
    expect(Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
    const versions = [
      ...Object.entries(manifest.dependencies ?? {}),
      ...Object.entries(manifest.devDependencies ?? {}),
    ];
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
