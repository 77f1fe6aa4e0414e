// The log: one JSON object a line, nothing secret in it, and never a reason to stop.
import { describe, expect, it } from "vitest";
import { PolylogueError } from "../../src/domain/errors.ts";
import { createLog, createRedactedLog, createSilentLog, type LogLevel } from "../../src/platform/log.ts";
import { createRedactor } from "../../src/platform/redaction.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";

function openLog(level: LogLevel = "debug", valueCharsMax?: number) {
  const lines: string[] = [];
  const log = createLog({
    level,
    sink: (line) => lines.push(line),
    clock: createVirtualClock(1_795_305_600_000_000),
    redactor: createRedactor(["a-planted-secret"]),
    ...(valueCharsMax === undefined ? {} : { valueCharsMax }),
  });
  return { log, lines, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe("the log", () => {
  it("writes time, level, event and fields, in this order", () => {
    const { log, lines } = openLog();
    log.info("vendor.answered", { vendor: "anthropic", tokens: 12 });
    expect(lines).toEqual([
      '{"at":"2026-11-22T00:00:00.000Z","level":"info","event":"vendor.answered","vendor":"anthropic","tokens":12}',
    ]);
  });

  it("leaves out what is below its level", () => {
    const { log, entries } = openLog("warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(entries().map(({ event }) => event)).toEqual(["c", "d"]);
  });

  it("carries fixed fields on every line, and lets no field pose as the event", () => {
    const { log, entries } = openLog();
    log.with({ conversation: "c1", event: "posed" }).with({ agent: "claude" }).info("turn.started", { at: "never" });
    expect(entries()[0]).toEqual({
      at: "2026-11-22T00:00:00.000Z",
      level: "info",
      event: "turn.started",
      conversation: "c1",
      agent: "claude",
    });
  });

  it("redacts planted secrets at any depth, in errors and their causes too", () => {
    const { log, lines } = openLog();
    const cause = new Error("the key sk-ant-api03-0123456789abcdef was refused");
    const error = new PolylogueError("VENDOR_AUTH", { message: "refused: a-planted-secret", cause });
    log.error("call.failed", { error, deep: [{ header: "x-api-key: a-planted-secret" }] });
    expect(lines[0]).not.toMatch(/planted|sk-ant/);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      error: {
        name: "PolylogueError",
        code: "VENDOR_AUTH",
        message: "refused: [redacted]",
        cause: { name: "Error", message: "the key [redacted] was refused" },
      },
      deep: [{ header: "x-api-key: [redacted]" }],
    });
  });

  it("writes what JSON alone cannot: big integers, circles, errors inside circles, long text", () => {
    const { log, entries } = openLog("debug", 10);
    const circle: Record<string, unknown> = { error: new Error("x"), again: { list: [1n] } };
    circle.self = circle;
    log.info("odd", { circle, twice: [circle.again, circle.again], long: "0123456789abc" });
    expect(entries()[0]).toMatchObject({
      circle: { error: { message: "x" }, again: { list: ["1"] }, self: "[circular]" },
      twice: [{ list: ["1"] }, { list: ["1"] }],
      long: "0123456789…",
    });
  });

  it("ends a chain of causes that leads back to itself", () => {
    const { log, lines } = openLog();
    const first = new Error("first");
    first.cause = new Error("second", { cause: first });
    log.error("loop", { error: first });
    expect(lines[0]?.match(/"message"/g)?.length).toBe(6);
  });

  it("survives a sink that fails and a field that cannot be written", () => {
    const full = createLog({
      level: "debug",
      sink: () => {
        throw new Error("no space left");
      },
      clock: createVirtualClock(),
      redactor: createRedactor(),
    });
    expect(() => full.info("x")).not.toThrow();
    const { log, lines } = openLog();
    log.info("x", {
      bad: {
        toJSON: () => {
          throw new Error("no");
        },
      },
    });
    expect(lines).toEqual([]);
  });

  it("made by somebody else is given nothing secret", () => {
    const seen: unknown[] = [];
    const keep = (event: string, fields?: object) => {
      seen.push([event, fields]);
    };
    const foreign = { debug: keep, info: keep, warn: keep, error: keep, with: () => foreign };
    const log = createRedactedLog(foreign, createRedactor(["a-planted-secret"]));
    for (const level of ["debug", "info", "warn", "error"] as const) log[level]("x", { list: ["a-planted-secret"] });
    log.with({ conversation: "c" }).info("y");
    for (const level of ["debug", "warn", "error"] as const) log[level]("y");
    const bad = {
      toJSON: () => {
        throw new Error("no");
      },
    };
    log.info("z", { bad });
    expect(seen).toEqual([
      ...Array.from({ length: 4 }, () => ["x", { list: ["[redacted]"] }]),
      ...Array.from({ length: 4 }, () => ["y", {}]),
      ["z", { fieldsUnwritable: true }],
    ]);
  });

  it("says nothing when silent", () => {
    const log = createSilentLog();
    for (const level of ["debug", "info", "warn", "error"] as const) expect(log[level]("x")).toBeUndefined();
    expect(log.with({ a: 1 })).toBe(log);
  });
});
