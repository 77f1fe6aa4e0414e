// Bad input of every kind ends with code 2, names the value, and opens nothing.
import { describe, expect, it } from "vitest";
import { PolylogueError } from "../../src/domain/errors.ts";
import { runFake } from "./fake-polylogue.ts";

const WRONG: readonly (readonly [args: string, says: string])[] = [
  ["ask q --budget 0", "'0' is invalid"],
  ["ask q --budget -1", "'-1' is invalid"],
  ["ask q --budget many", "'many' is invalid"],
  ["ask q --budget 1e400", "'1e400' is invalid"],
  ["ask q --budget", "argument missing"],
  ["ask q --seed -1", "'-1' is invalid"],
  ["ask q --seed 1.5", "'1.5' is invalid"],
  ["ask q --seed 9007199254740993", "'9007199254740993' is invalid"],
  ["ask q --deadline 10", "'10' is invalid"],
  ["ask q --deadline 0s", "'0s' is invalid"],
  ["ask q --deadline 25h", "'25h' is invalid"],
  ["ask q --with claude,,gemini", '"" is neither'],
  ["ask q --with Claude!", '"Claude!" is neither'],
  ["ask q --with claude,claude", '"claude" twice'],
  ["ask q --set rounds", "'rounds' is invalid"],
  ["ask q extra", "Too many arguments"],
  ["ask", "There is no question"],
  ["ask q --unknown", "'--unknown'"],
  ["ask q --attach a.md ", "It must be the path of a file, and it is empty."],
  ["help nosuch", "There is no command 'nosuch' to give help for."],
  ["handshake --agents 0", "from 1 to 64"],
  ["handshake --agents 65", "from 1 to 64"],
  ["handshake --agents three", "'three' is invalid"],
  ["conversation show", "Missing required argument 'id'"],
  ["conversation list --limit 0", "from 1 to 10000"],
  ["conversation tail x --after -2", "'-2' is invalid"],
  ["conversation tail x --json", "no single JSON document"],
  ["conversation export x --format pdf", "Allowed choices are md, json"],
  ["conversation resume", "Nothing was named"],
  ["conversation resume x --all", "Both --all and ids"],
  ["conversation send x", "Missing required argument 'text'"],
  ["costs --by hour", "Allowed choices are agent, vendor, model, conversation, day"],
  ["simulate --port 70000", "from 0 to 65535"],
  ["simulate --latency slow", "Allowed choices are none, lively, realistic"],
  ["simulate --faults nonsense", '"nonsense"'],
  ["completion tcsh", "Allowed choices are bash, zsh, fish"],
  ["--home", "argument missing"],
  ["ask q --json --jsonl", "Both --json and --jsonl"],
  ["--json costs --jsonl", "Both --json and --jsonl"],
];

describe("wrong use", () => {
  it.each(WRONG)("%s", async (line, says) => {
    const args = line.split(" ");
    const { code, out, err } = await runFake(args, { parts: {} });
    expect(err).toContain(says);
    expect(err).toMatch(/How to mend: .+\n {2}Code: USAGE\n/);
    expect(code).toBe(2);
    if (!args.includes("--json")) expect(out).toBe("");
  });

  it("opens no Polylogue when the arguments are wrong", async () => {
    const { opened } = await runFake(["ask", "q", "--budget", "0"]);
    expect(opened).toEqual([]);
  });

  it.each(["--json", "--jsonl"])(
    "under %s is also one document on stdout, wherever the option stands",
    async (flag) => {
      for (const args of [
        [flag, "ask", "q", "--budget", "0"],
        ["ask", "q", "--budget", "0", flag],
      ]) {
        const { out, code } = await runFake(args);
        expect(code).toBe(2);
        const document = JSON.parse(out) as Record<string, unknown>;
        expect(Object.keys(document)).toEqual(["schema", "code", "message", "mend"]);
        expect(document).toMatchObject({ schema: "polylogue.error/1", code: "USAGE" });
        if (flag === "--jsonl") expect(out.trimEnd()).not.toContain("\n");
      }
    },
  );

  it("does not take a question for an option behind --", async () => {
    const { out, err } = await runFake(["ask", "--budget", "0", "--", "--json"]);
    expect(out).toBe("");
    expect(err).toContain("Code: USAGE");
  });
});

describe("an error", () => {
  const failing = (error: unknown) => ({
    services: { createPolylogue: () => Promise.reject(error as Error) },
  });

  it("tells what, why, how to mend and the code; the exit code is that of the code", async () => {
    const error = new PolylogueError("KEY_MISSING", { message: "There is no key for claude.", mend: "Export it." });
    const { code, err, out } = await runFake(["doctor"], failing(error));
    expect(err).toBe("polylogue: There is no key for claude.\n  How to mend: Export it.\n  Code: KEY_MISSING\n");
    expect(out).toBe("");
    expect(code).toBe(4);
  });

  it("without a way to mend it has no such line", async () => {
    const { err } = await runFake(
      ["doctor"],
      failing(new PolylogueError("STORE_CORRUPT", { message: "It is damaged." })),
    );
    expect(err).toBe("polylogue: It is damaged.\n  Code: STORE_CORRUPT\n");
  });

  it("of the program itself is INTERNAL with code 1, and shows no stack", async () => {
    const { code, err } = await runFake(["doctor"], failing(new TypeError("x is not a function")));
    expect(code).toBe(1);
    expect(err).toContain("Polylogue itself failed: x is not a function");
    expect(err).toContain("--debug");
    expect(err).not.toMatch(/^\s+at /m);
    expect((await runFake(["doctor"], failing("only a word"))).err).toContain("Polylogue itself failed: only a word");
  });

  it("shows its stack and its causes under --debug, and ends for causes that go round", async () => {
    const cause = new Error("the disk is gone");
    const error = new PolylogueError("STORE_CORRUPT", { message: "It is damaged.", cause });
    cause.cause = error;
    const { err } = await runFake(["--debug", "doctor"], failing(error));
    expect(err).toMatch(/PolylogueError: It is damaged\.\n\s+at /);
    expect(err.match(/Caused by: Error: the disk is gone/g)).toHaveLength(1);
  });

  it("cannot play tricks with the terminal", async () => {
    const { err } = await runFake(
      ["doctor"],
      failing(new PolylogueError("INTERNAL", { message: "bad\u001b[2J\u001b]0;x\u0007 text" })),
    );
    expect(err).not.toContain("\u001b");
  });
});
