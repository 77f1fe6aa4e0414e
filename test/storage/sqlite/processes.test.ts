// Several processes on one file: they write side by side, hear of each other
// soon, and fence each other off.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../../contracts/journal-fixture.ts";
import { follow } from "../../contracts/journal-tail-contract.ts";
import { reasonOf } from "../../contracts/sample-events.ts";
import { expectNothingLost, type OpenedJournal, openAfterCrash } from "../../crash/store-after-crash.ts";
import { startWriter } from "../fixtures/writer-process.ts";
import { COUNTS } from "../fixtures/writer-settings.ts";
import { createTemporaryFile, type TemporaryFile } from "./sqlite-home.ts";

let file: TemporaryFile;
let opened: OpenedJournal;

beforeEach(async () => {
  file = createTemporaryFile();
  opened = await openAfterCrash(file.path, [COUNTS]);
});
afterEach(async () => {
  await opened.store.close();
  file.remove();
});

describe("several processes", () => {
  it("write side by side, even to the same stream, and a follower sees exactly what they wrote", async () => {
    const follower = follow(opened.journal, { after: 0 });
    const streams = ["shared", "other"];
    const writers = ["w1", "w2"].map((writer) =>
      startWriter({ path: file.path, writer, mode: "at-once", streams, appends: 40 }),
    );
    for (const writer of writers) expect(await writer.end).toMatchObject({ code: 0, stderr: "" });
    const events = writers.flatMap((writer) => writer.acknowledged());
    expect(events).toHaveLength(2 * 2 * 40 * 2);
    const log = await expectNothingLost(opened, { events, bodies: [] });
    expect(log).toHaveLength(events.length);
    await follower.reached(log.length);
    follower.stop();
    await follower.end;
    expect(follower.seen).toEqual(log);
    expect((await opened.journal.document("counts", "shared"))?.value).toBe(160);
    expect((await collect(opened.journal.readAll("other"))).map((event) => event.seq)).toEqual(
      Array.from({ length: 160 }, (_, index) => index + 1),
    );
  });

  it("may all open a store at once that does not exist yet", async () => {
    const fresh = createTemporaryFile();
    const writers = ["w1", "w2", "w3", "w4"].map((writer) =>
      startWriter({ path: fresh.path, writer, mode: "at-once", streams: ["s"], appends: 2 }),
    );
    for (const writer of writers) expect(await writer.end).toMatchObject({ code: 0, stderr: "" });
    const found = await openAfterCrash(fresh.path, [COUNTS]);
    const events = writers.flatMap((writer) => writer.acknowledged());
    expect(await expectNothingLost(found, { events, bodies: [] })).toHaveLength(16);
    await found.store.close();
    fresh.remove();
  });

  it("hear of each other's commits within a second", async () => {
    const settings = { path: file.path, writer: "w", mode: "on-command", streams: ["s"], appends: 0 } as const;
    const writer = startWriter(settings);
    await writer.says((line) => "ready" in line);
    const follower = follow(opened.journal, { after: 0 });
    writer.tell("hello");
    await writer.says((line) => "ack" in line);
    const acknowledgedMs = performance.now();
    await follower.reached(2);
    expect(performance.now() - acknowledgedMs).toBeLessThan(1_000);
    expect(follower.seen.map(reasonOf)).toEqual(["hello/first", "hello/second"]);
    follower.stop();
    writer.finish();
    expect(await writer.end).toMatchObject({ code: 0 });
  });

  it("fence off the one whose lease was taken over", async () => {
    const name = "conversation/s";
    const writer = startWriter({
      path: file.path,
      writer: "w",
      mode: "on-command",
      streams: ["s"],
      appends: 0,
      lease: name,
    });
    expect(await writer.says((line) => "ready" in line)).toEqual({ ready: true, token: 1 });
    const nowUs = (await opened.store.readLease(name))?.expiresAtUs ?? 0;
    expect(await opened.store.acquireLease({ name, owner: "me", ttlMs: 1, nowUs: nowUs - 1 })).toBeUndefined();
    writer.tell("in time");
    await writer.says((line) => "ack" in line);
    expect(await opened.store.acquireLease({ name, owner: "me", ttlMs: 1, nowUs })).toMatchObject({ token: 2 });
    writer.tell("too late");
    expect(await writer.says((line) => "refused" in line)).toEqual({ refused: "LEASE_LOST" });
    writer.finish();
    await writer.end;
    expect((await opened.journal.read({ after: 0, limit: 9 })).map(reasonOf)).toEqual([
      "in time/first",
      "in time/second",
    ]);
  });
});

describe("the disk", () => {
  const hasStrace = spawnSync("strace", ["-V"]).status === 0;

  it.skipIf(!hasStrace)("is synced before each acknowledgement (needs strace)", async () => {
    await opened.store.close();
    const trace = join(file.directory, "trace");
    const calls = "trace=fsync,fdatasync,write,pwrite64";
    const writer = startWriter({ path: file.path, writer: "w", mode: "at-once", streams: ["s"], appends: 30 }, [
      "strace",
      "-f",
      "-y",
      "-s",
      "40",
      "-e",
      calls,
      "-o",
      trace,
    ]);
    expect(await writer.end).toMatchObject({ code: 0 });
    let unsyncedWrites = 0;
    let syncs = 0;
    let acknowledgements = 0;
    for (const line of readFileSync(trace, "utf8").split("\n")) {
      if (/pwrite64\(\d+<[^>]*polylogue\.db-wal>/.test(line)) unsyncedWrites += 1;
      if (/(fsync|fdatasync)\(\d+<[^>]*polylogue\.db-wal>/.test(line)) {
        unsyncedWrites = 0;
        syncs += 1;
      }
      if (!/write\(1<.*"\{\\"ack\\"/.test(line)) continue;
      acknowledgements += 1;
      expect(syncs).toBeGreaterThan(0);
      expect(unsyncedWrites).toBe(0);
      syncs = 0;
    }
    expect(acknowledgements).toBe(30);
    opened = await openAfterCrash(file.path, [COUNTS]);
  });
});
