// What happens when the store reaches a limit: its size, its queue, its
// patience with other processes.
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVirtualClock, type VirtualClock } from "../../../src/platform/virtual-clock.ts";
import { SQLITE_MIGRATIONS } from "../../../src/storage/migrations/sqlite.ts";
import { createChangeWatch } from "../../../src/storage/sqlite/change-watch.ts";
import {
  createSqliteStore,
  type SqliteStore,
  type SqliteStoreOptions,
} from "../../../src/storage/sqlite/sqlite-store.ts";
import { sampleEvent } from "../../contracts/sample-events.ts";
import { createTemporaryFile, type TemporaryFile } from "./sqlite-home.ts";

let file: TemporaryFile;
let clock: VirtualClock;
let store: SqliteStore;

async function open(options: Partial<SqliteStoreOptions> = {}): Promise<void> {
  store = await createSqliteStore({ path: file.path, clock, ...options });
}
const append = (seq: number): Promise<unknown> =>
  store.transact((transaction) => transaction.insertEvents([sampleEvent({ stream: "s", seq })]));
const putBig = (key: string, characters: number): Promise<void> =>
  store.transact((transaction) =>
    transaction.putDocument("big", { key, group: "", order: 0, value: "x".repeat(characters) }),
  );

beforeEach(() => {
  file = createTemporaryFile();
  clock = createVirtualClock();
});
afterEach(async () => {
  await store.close();
  file.remove();
});

describe("a full store", () => {
  const SIZE_BYTES_MAX = 40 * 4_096;

  it("refuses everybody of that commit, keeps what was there, and goes on reading", async () => {
    await open({ sizeBytesMax: SIZE_BYTES_MAX });
    await append(1);
    const results = await Promise.allSettled([append(2), putBig("a", SIZE_BYTES_MAX), append(3)]);
    expect(results.map((result) => (result.status === "rejected" ? result.reason.code : "kept"))).toEqual([
      "STORE_FULL",
      "STORE_FULL",
      "STORE_FULL",
    ]);
    expect((await store.events({ after: 0, limit: 9 })).map((event) => event.seq)).toEqual([1]);
    expect(await store.integrityCheck("full")).toEqual([]);
  });

  it("takes what still fits, and everything again once there is room", async () => {
    await open({ sizeBytesMax: SIZE_BYTES_MAX });
    await expect(putBig("a", SIZE_BYTES_MAX)).rejects.toMatchObject({ code: "STORE_FULL", retryable: true });
    await append(1);
    await store.close();
    await open();
    await putBig("a", SIZE_BYTES_MAX);
    await append(2);
    expect(await store.events({ after: 0, limit: 9 })).toHaveLength(2);
  });

  it("refuses the commit even when a caller swallows the error it saw", async () => {
    await open({ sizeBytesMax: SIZE_BYTES_MAX });
    const swallowing = store.transact((transaction) => {
      try {
        transaction.putDocument("c", { key: "k", group: "", order: 0, value: "x".repeat(SIZE_BYTES_MAX) });
      } catch {
        return "as if nothing had happened";
      }
      return "written";
    });
    await expect(swallowing).rejects.toMatchObject({ code: expect.stringMatching(/^STORE_/) });
  });
});

describe("a long queue", () => {
  it("is refused beyond its limit, and taken again when it is shorter", async () => {
    await open({ queueDepthMax: 2 });
    const results = await Promise.allSettled([append(1), append(2), append(3)]);
    expect(results[2]).toMatchObject({ status: "rejected", reason: { code: "STORE_BUSY" } });
    await append(3);
    expect(await store.events({ after: 0, limit: 9 })).toHaveLength(3);
  });

  it("is committed in groups of limited size, in order", async () => {
    await open({ groupSizeMax: 2 });
    let commits = 0;
    store.onChange(() => commits++);
    await Promise.all([1, 2, 3, 4, 5].map(append));
    expect(commits).toBe(3);
    expect((await store.events({ after: 0, limit: 9 })).map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it("takes what a transaction asks for while it runs, in a later commit", async () => {
    await open();
    let inner: Promise<unknown> | undefined;
    await store.transact((transaction) => {
      transaction.insertEvents([sampleEvent({ stream: "s", seq: 1 })]);
      inner = append(2);
    });
    await inner;
    expect(await store.events({ after: 0, limit: 9 })).toHaveLength(2);
  });
});

describe("another process that holds the write lock", () => {
  function lock(): DatabaseSync {
    const other = new DatabaseSync(file.path);
    other.exec("BEGIN IMMEDIATE");
    return other;
  }

  it("is waited for, while reading goes on", async () => {
    await open();
    await append(1);
    const other = lock();
    const waiting = append(2);
    clock.setTimer(200, () => other.exec("COMMIT"));
    expect(await store.events({ after: 0, limit: 9 })).toHaveLength(1);
    await clock.run(waiting);
    expect(await store.events({ after: 0, limit: 9 })).toHaveLength(2);
    other.close();
  });

  it("is not waited for longer than the limit", async () => {
    await open({ busyWaitMsMax: 300 });
    const other = lock();
    const startUs = clock.monotonicUs();
    const results = await clock.run(Promise.allSettled([append(1), append(2)]));
    expect(results).toMatchObject([{ reason: { code: "STORE_BUSY" } }, { reason: { code: "STORE_BUSY" } }]);
    expect(clock.monotonicUs() - startUs).toBeGreaterThanOrEqual(300_000);
    expect(clock.monotonicUs() - startUs).toBeLessThan(330_000);
    other.exec("COMMIT");
    await clock.run(append(1));
    other.close();
  });

  it("delays closing, which commits what was queued", async () => {
    await open();
    const other = lock();
    const waiting = append(1);
    clock.setTimer(50, () => other.exec("COMMIT"));
    await clock.run(Promise.all([waiting, store.close()]));
    other.close();
    await open();
    expect(await store.events({ after: 0, limit: 9 })).toHaveLength(1);
  });

  it("delays opening a store that must be migrated, and then refuses it", async () => {
    await open();
    const other = new DatabaseSync(file.path);
    other.exec("BEGIN IMMEDIATE");
    const later = { version: 2, name: "later", sql: "CREATE TABLE later (a)" };
    const opening = createSqliteStore({
      path: file.path,
      clock,
      busyWaitMsMax: 100,
      migrations: [...SQLITE_MIGRATIONS, later],
    });
    await expect(clock.run(opening)).rejects.toMatchObject({ code: "STORE_BUSY" });
    other.close();
  });
});

describe("a read that meets a lock", () => {
  const locked = Object.assign(new Error("database is locked"), { errcode: 5 });

  it("is repeated until the lock is gone", async () => {
    await open();
    let calls = 0;
    const read = store.read(() => {
      calls += 1;
      if (calls < 3) throw locked;
      return calls;
    });
    expect(await clock.run(read)).toBe(3);
  });

  it("is not repeated for ever, nor on a store that was closed meanwhile", async () => {
    await open({ busyWaitMsMax: 50 });
    const read = () =>
      store.read(() => {
        throw locked;
      });
    await expect(clock.run(read())).rejects.toMatchObject({ code: "STORE_BUSY" });
    const waiting = read();
    await Promise.resolve();
    const refused = expect(clock.run(waiting)).rejects.toMatchObject({ code: "STORE_CLOSED" });
    await store.close();
    await refused;
  });
});

describe("changes by another connection", () => {
  it("wake within one poll, and nothing is polled while nobody listens", async () => {
    await open({ changePollMs: 100 });
    const other = await createSqliteStore({ path: file.path, clock });
    let wakes = 0;
    const unsubscribe = store.onChange(() => wakes++);
    await clock.advance(1_000);
    expect(wakes).toBe(0);
    const insert = () =>
      other.transact((transaction) => transaction.insertEvents([sampleEvent({ stream: "s", seq: 1 })]));
    await insert();
    expect(wakes).toBe(0);
    await clock.advance(100);
    expect(wakes).toBe(1);
    await clock.advance(1_000);
    expect(wakes).toBe(1);
    unsubscribe();
    // With no timer left, simulated time stands still.
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow("stands still");
    await other.close();
  });

  it("wake spuriously rather than not at all when the file cannot be asked", async () => {
    await open();
    let version = 1;
    const watch = createChangeWatch({
      clock,
      pollMs: 10,
      dataVersion: () => {
        if (version === 2) throw new Error("locked");
        return version;
      },
    });
    let wakes = 0;
    watch.onChange(() => wakes++);
    version = 2;
    await clock.advance(10);
    expect(wakes).toBe(1);
    version = 3;
    await clock.advance(10);
    expect(wakes).toBe(2);
    watch.stop();
  });
});
