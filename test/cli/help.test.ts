// Help, version and wrong use: what a person meets first. The help of every
// command is kept as a golden text.
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands/list.ts";
import { runFake } from "./fake-polylogue.ts";

const SUBS: Readonly<Record<string, readonly string[]>> = {
  agents: ["list", "test"],
  conversation: ["list", "show", "tail", "dead", "export", "resume", "cancel", "send"],
  config: ["explain", "trust"],
};

const ALL: readonly (readonly string[])[] = [
  [],
  ...COMMANDS.flatMap(({ name }) => [[name], ...(SUBS[name] ?? []).map((sub) => [name, sub])]),
];

describe("help", () => {
  it.each(ALL.map((words) => [words.join(" ") || "polylogue", words] as const))("of %s", async (name, words) => {
    const { code, out, err } = await runFake([...words, "--help"]);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toMatch(/^Examples:\n {2}\$ |^Usage: /);
    await expect(out).toMatchFileSnapshot(`golden/${name.replaceAll(" ", "-")}.txt`);
  });

  it("is at most 100 columns wide on a wide terminal, but for examples and what follows them", async () => {
    for (const words of ALL) {
      const { out } = await runFake([...words, "--help"], { columns: 240 });
      const options = out.slice(out.indexOf("Usage:")).split("\n");
      expect(options.filter((line) => line.length > 100)).toEqual([]);
    }
  });

  it("of a command is also reached by its alias and by the word help", async () => {
    const golden = (await runFake(["conversation", "--help"])).out;
    expect((await runFake(["conv", "--help"])).out).toBe(golden);
    expect((await runFake(["help", "conversation"])).out).toBe(golden);
  });

  it("is what one gets without arguments, on stdout", async () => {
    const bare = await runFake([]);
    expect(bare.code).toBe(0);
    expect(bare.out).toBe((await runFake(["--help"])).out);
  });

  it("of a group without a command goes to stderr and is wrong use", async () => {
    const { code, out, err } = await runFake(["conversation"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("Usage: polylogue conversation");
    expect(err).toContain("No command was given.");
  });

  it("knows every sub-command that there is", async () => {
    for (const { name } of COMMANDS) {
      const { out } = await runFake([name, "--help"]);
      const listed = [...(out.split("\nCommands:\n")[1] ?? "").matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]);
      expect(listed.filter((sub) => sub !== "help").toSorted()).toEqual((SUBS[name] ?? []).toSorted());
    }
  });
});

describe("version", () => {
  it("is one line on stdout", async () => {
    for (const flag of ["--version", "-v"]) {
      expect(await runFake([flag])).toMatchObject({ code: 0, out: "polylogue 0.0.0 (test)\n", err: "" });
    }
  });
});

describe("a mistyped word", () => {
  it.each([
    [["asl", "x"], /Unknown command 'asl' \(Did you mean ask\?\)/],
    [["ask", "x", "--budgt", "1"], /Unknown option '--budgt' \(Did you mean --budget\?\)/],
    [["conversation", "shw"], /Unknown command 'shw' \(Did you mean show\?\)/],
  ])("%j is named with what was meant", async (args, expected) => {
    const { code, out, err } = await runFake(args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(expected);
    expect(err).toMatch(/How to mend: .+\n {2}Code: USAGE\n$/);
  });
});
