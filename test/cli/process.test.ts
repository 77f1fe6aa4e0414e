// The command as a process: signals, closed pipes, the entry and its check of Node.
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { versionText } from "../../src/cli/build-info.ts";
import { callerFolder } from "../../src/cli/caller-folder.ts";
import { createProcessIo, type HostProcess } from "../../src/cli/process-io.ts";
import { runProcess } from "../../src/cli/run-process.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  script: string,
  args: readonly string[],
): { child: ChildProcess; ended: Promise<Ended>; ready: Promise<void> } {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { NO_COLOR: "1" },
  });
  const text = { out: "", err: "" };
  const ready = new Promise<void>((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      text.err += chunk.toString();
      if (text.err.includes("ready")) resolve();
    });
  });
  child.stdout?.on("data", (chunk: Buffer) => {
    text.out += chunk.toString();
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...text }));
  return { child, ended, ready };
}

describe("Ctrl-C", () => {
  it("lets what runs end, says so, and ends with 130 and a whole document", async () => {
    const { child, ended, ready } = start(CHILD, ["drains", "ask", "q", "--json"]);
    await ready;
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ schema: "polylogue.ask/1", status: "cancelled" });
    expect(err).toContain("Ctrl-C again ends at once");
  });

  it("pressed twice ends at once", async () => {
    const { child, ended, ready } = start(CHILD, ["stubborn", "ask", "q"]);
    await ready;
    child.kill("SIGINT");
    const told = new Promise<void>((resolve) => child.stderr?.on("data", () => resolve()));
    await told;
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(out).toBe("");
    expect(err).toMatch(/polylogue conversation resume 019ab000-0000-7000-8000-000000000001\n$/);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s lets what runs end too, leaves it to be resumed, and ends with %d", async (signal, expected) => {
    const { child, ended, ready } = start(CHILD, ["drains", "ask", "q", "--json"]);
    await ready;
    child.kill(signal);
    const { code, out, err } = await ended;
    expect(code).toBe(expected);
    expect(JSON.parse(out)).toMatchObject({ schema: "polylogue.error/1", code: "CANCELLED" });
    expect(err).toContain("left to be resumed");
    expect(err).not.toContain("is cancelled");
  });
});

describe("SIGTERM to a real conversation", () => {
  it("leaves it running in the record, and a resume brings it to its end", async () => {
    const home = mkdtempSync(path.join(tmpdir(), "polylogue-term-"));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const asked = start(MAIN, ["--home", home, "demo", "--jsonl"]);
    // Once somebody speaks there is something to drain.
    await new Promise<void>((resolve) => {
      let seen = "";
      asked.child.stdout?.on("data", (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes('"text-delta"')) resolve();
      });
    });
    asked.child.kill("SIGTERM");
    const { code, out, err } = await asked.ended;
    expect(code).toBe(143);
    const [first = "", last = ""] = [out.split("\n")[0], out.trimEnd().split("\n").at(-1)];
    const { conversationId } = JSON.parse(first) as { conversationId: string };
    expect(JSON.parse(last)).toMatchObject({ schema: "polylogue.error/1", code: "CANCELLED" });
    expect(err).toContain(`polylogue --home ${home} conversation resume ${conversationId}`);
    // Whoever drained has said it already.
    expect(err).not.toContain("Stopped at once");
    const resumed = await start(MAIN, ["--home", home, "conversation", "resume", conversationId, "--json"]).ended;
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out)).toMatchObject({ resumed: [{ conversationId, status: "decided" }] });
  }, 60_000);
});

describe("a pipe that nobody reads any more", () => {
  it("leaves the conversation to be resumed, and ends with 141", async () => {
    const { child, ended, ready } = start(CHILD, ["talkative", "ask", "q", "--jsonl"]);
    await ready;
    child.stdout?.destroy();
    const { code, err } = await ended;
    expect(code).toBe(141);
    expect(err).toMatch(/^ready\npolylogue: Left\.\n/);
  });
});

describe("the entry", () => {
  it("is the command", async () => {
    const { ended } = start(MAIN, ["--version"]);
    const { code, out, err } = await ended;
    expect(err).toBe("");
    expect(out).toMatch(/^polylogue \d+\.\d+\.\d+.* on Node \d+\.\d+\.\d+, \w+\n$/);
    expect(code).toBe(0);
  });

  it("tells an old Node's user what to do, and nothing else", async () => {
    const pretend = `Object.defineProperty(process.versions, "node", { value: "20.20.2" }); await import(${JSON.stringify(MAIN)});`;
    const { ended } = start("--input-type=module", ["--eval", pretend]);
    const { code, out, err } = await ended;
    expect(err).toContain("polylogue needs Node 24.15 or newer; this is Node 20.20.2.");
    expect(err).not.toContain("    at ");
    expect(out).toBe("");
    expect(code).toBe(3);
  });
});

describe("called by a script of this checkout", () => {
  const root = path.resolve(fileURLToPath(new URL("../../", import.meta.url)));

  it("takes the caller's folder for relative paths and for the configuration", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "polylogue-caller-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const npm = { npm_package_json: path.join(root, "package.json"), INIT_CWD: folder };
    const child = spawn(process.execPath, [MAIN, "init"], {
      cwd: root,
      env: { NO_COLOR: "1", ...npm },
      stdio: "ignore",
    });
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(0);
    expect(existsSync(path.join(folder, "polylogue.yaml"))).toBe(true);
  });

  it.each([
    ["stays without npm", {}, root],
    ["stays for a script of another package", { npm_package_json: "/other/package.json", INIT_CWD: "/here" }, root],
    ["stays where somebody went on purpose", { npm_package_json: `${root}/package.json`, INIT_CWD: "/here" }, "/else"],
  ])("%s", (_, env, cwd) => {
    expect(callerFolder(env, { root, cwd })).toBeUndefined();
    expect(
      callerFolder({ ...env, INIT_CWD: "/here", npm_package_json: `${root}/package.json` }, { root, cwd: root }),
    ).toBe("/here");
  });
});

/** A process made of pipes. */
function hostProcess(args: readonly string[], stdin = "") {
  const streams = {
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    stdin: Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]),
  };
  const exits: number[] = [];
  const host = Object.assign(new EventEmitter(), {
    ...streams,
    argv: ["node", "polylogue", ...args],
    versions: process.versions,
    platform: process.platform,
    cwd: () => "/work",
    exit: (code: number) => {
      exits.push(code);
      host.emit("exit");
    },
    exitCode: undefined as number | undefined,
  });
  const read = (name: "stdout" | "stderr"): string => (streams[name].read() as Buffer | null)?.toString() ?? "";
  return { host: host as unknown as HostProcess & EventEmitter & { exitCode?: number }, streams, exits, read };
}

describe("a process's Io", () => {
  it("runs a command and leaves the exit code behind", async () => {
    const { host, read } = hostProcess(["--version"]);
    await runProcess(host);
    expect(read("stdout")).toMatch(/^polylogue \d/);
    expect(host.exitCode).toBe(0);
    const wrong = hostProcess(["ask", "q", "--budget", "0"]);
    await runProcess(wrong.host);
    expect(wrong.host.exitCode).toBe(2);
  });

  it("tells in words what nobody caught, and ends", async () => {
    for (const event of ["uncaughtException", "unhandledRejection"]) {
      const { host, read, exits } = hostProcess(["completion", "bash", "--json"]);
      await runProcess(host);
      read("stdout");
      host.emit(event, new Error("out of luck"));
      expect(read("stderr")).toContain("Polylogue itself failed: out of luck");
      expect(JSON.parse(read("stdout"))).toMatchObject({ code: "INTERNAL" });
      expect(exits).toEqual([1]);
    }
  });

  it("reads stdin up to a limit", async () => {
    const io = createProcessIo(hostProcess([], "0123456789").host);
    expect(io.stdin.isTTY).toBe(false);
    expect(new TextDecoder().decode(await io.stdin.read(100))).toBe("0123456789");
    const short = createProcessIo(hostProcess([], "0123456789").host);
    expect(await short.stdin.read(4)).toHaveLength(5);
  });

  it("knows size and terminal, and follows their changes", () => {
    const { host, streams } = hostProcess([]);
    const io = createProcessIo(host);
    expect([io.stdout.isTTY, io.stdout.columns, io.stdout.rows]).toEqual([false, 80, 24]);
    Object.assign(streams.stderr, { columns: 132, rows: 50 });
    expect([io.stderr.columns, io.stderr.rows]).toEqual([132, 50]);
    let resized = 0;
    const stop = io.stderr.onResize(() => {
      resized += 1;
    });
    streams.stderr.emit("resize");
    stop();
    streams.stderr.emit("resize");
    expect(resized).toBe(1);
    expect(io.folder).toBe("/work");
  });

  it("a signal ends at once when nobody drains", () => {
    const { host, exits } = hostProcess([]);
    createProcessIo(host);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) host.emit(signal);
    expect(exits).toEqual([130, 143, 129]);
  });

  it("a closed stdout swallows what follows and drains once; other faults are told", () => {
    const { host, streams, read } = hostProcess([]);
    const io = createProcessIo(host);
    const { signal } = io.interrupt.drain(() => undefined);
    const closed = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    streams.stdout.emit("error", closed);
    streams.stdout.emit("error", closed);
    io.stdout.write("unheard");
    expect(read("stdout")).toBe("");
    expect(signal.aborted).toBe(true);
    streams.stderr.emit("error", closed);
    const disk = Object.assign(new Error("disk"), { code: "EIO" });
    expect(() => streams.stdout.emit("error", disk)).toThrow("disk");
    // A terminal that hung up.
    Object.assign(streams.stderr, { isTTY: true });
    streams.stderr.emit("error", disk);
  });

  it("restores what was borrowed when the process ends, unless it was given back", () => {
    const { host } = hostProcess([]);
    const io = createProcessIo(host);
    let restored = 0;
    const restore = (): void => {
      restored += 1;
    };
    io.atExit(restore)();
    host.emit("exit");
    expect(restored).toBe(0);
    io.atExit(restore);
    host.emit("exit");
    expect(restored).toBe(1);
  });
});

describe("the version text", () => {
  const node = { version: "26.10.0", platform: "linux" };
  const commit = "0123456789abcdef0123456789abcdef01234567";

  function at(files: Readonly<Record<string, string>>): string {
    const root = mkdtempSync(path.join(tmpdir(), "polylogue-version-"));
    try {
      for (const [name, text] of Object.entries({ "package.json": '{"version":"1.2.3"}', ...files })) {
        mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        writeFileSync(path.join(root, name), text);
      }
      return versionText(root, node);
    } finally {
      rmSync(root, { recursive: true });
    }
  }

  it("names the commit of a checkout, wherever git keeps it", () => {
    const expected = "polylogue 1.2.3 (checkout, commit 0123456789ab) on Node 26.10.0, linux";
    expect(at({ ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": `${commit}\n` })).toBe(expected);
    expect(
      at({ ".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": `# pack\n${commit} refs/heads/main\n` }),
    ).toBe(expected);
    expect(at({ ".git/HEAD": `${commit}\n` })).toBe(expected);
  });

  it("does without where there is none", () => {
    const expected = "polylogue 1.2.3 on Node 26.10.0, linux";
    expect(at({})).toBe(expected);
    expect(at({ ".git/HEAD": "ref: refs/heads/main\n" })).toBe(expected);
    expect(at({ ".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": "" })).toBe(expected);
  });
});
