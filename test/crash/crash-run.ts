// One crash and what must hold after it. Used by the suite (30 seeded kills)
// and by `npm run test:crash` (200).
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createPolylogue } from "../../src/app/create-polylogue.ts";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";
import type { Store } from "../../src/storage/store.ts";

const CHILD = fileURLToPath(new URL("crash-child.ts", import.meta.url));
const CHILD_TIMEOUT_MS = 60_000;
/** A recovery is killed within so many failpoints; it passes more than these unless little was left to do. */
const RECOVERY_HITS = 150;

export interface CrashReport {
  readonly seed: number;
  readonly crashAt: number;
  readonly killed: boolean;
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly deliveredTwice: readonly string[];
  readonly turnsWithoutOneResult: readonly string[];
  readonly notEnded: readonly string[];
  readonly integrity: string;
  /** From opening the home to the first answer about its conversations. */
  readonly readyMs: number;
}

interface ChildResult {
  readonly acknowledged: readonly string[];
  readonly hits: number | undefined;
  readonly signal: NodeJS.Signals | null;
}

interface ChildRequest {
  readonly mode: "ask" | "resume";
  readonly home: string;
  readonly seed: number;
  /** 0: never. */
  readonly crashAt: number;
}

async function runChild({ mode, home, seed, crashAt }: ChildRequest): Promise<ChildResult> {
  const child = spawn(process.execPath, [CHILD, mode, home, String(seed), String(crashAt)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH ?? "", HOME: home },
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), CHILD_TIMEOUT_MS);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on("close", (...ended) => resolve(ended));
  });
  clearTimeout(timer);
  if (signal === null && code !== 0) throw new Error(`the child failed by itself (${code}): ${errors}`);
  const hits = /^hits (\d+)$/m.exec(output)?.[1];
  return {
    // A line that the kill cut short was not acknowledged to anybody.
    acknowledged: [...output.matchAll(/^ack (\S{36})\n/gm)].map((match) => match[1] ?? ""),
    hits: hits === undefined ? undefined : Number(hits),
    signal,
  };
}

/** How many failpoints a run without a crash passes; about the same for every seed. */
export async function countFailpoints(): Promise<number> {
  return inNewHome(async (home) => {
    const { hits } = await runChild({ mode: "ask", home, seed: 1, crashAt: 0 });
    if (hits === undefined || hits < 100) throw new Error(`too few failpoints: ${hits}`);
    return hits;
  });
}

/**
 * Kills one run at a seeded failpoint, opens the home again, resumes everything
 * and looks. Every third seed kills the recovery too, early in its work.
 */
export async function crashOnce(seed: number, failpoints: number): Promise<CrashReport> {
  const random = createSeededRandom(`crash/${seed}`);
  const crashAt = 1 + random.integer(failpoints);
  return inNewHome(async (home) => {
    const child = await runChild({ mode: "ask", home, seed, crashAt });
    const acknowledged = [...child.acknowledged];
    if (seed % 3 === 0) {
      const recovery = { mode: "resume", home, seed, crashAt: 1 + random.integer(RECOVERY_HITS) } as const;
      acknowledged.push(...(await runChild(recovery)).acknowledged);
    }
    const opened = performance.now();
    const polylogue = await createPolylogue({ home, simulated: true, simulatedLatency: "none", seed, environment: {} });
    await polylogue.conversations.list();
    const readyMs = performance.now() - opened;
    const resumed = await polylogue.conversations.resume("all");
    await polylogue.close();
    return {
      seed,
      crashAt,
      killed: child.signal === "SIGKILL",
      acknowledged: acknowledged.length,
      ...(await inspect(path.join(home, "polylogue.db"), acknowledged)),
      notEnded: resumed.resumed
        .filter(({ status }) => status === "running" || status === "paused")
        .map(({ conversationId, reason }) => `${conversationId}: ${reason ?? ""}`),
      readyMs,
    };
  });
}

async function inspect(file: string, acknowledged: readonly string[]) {
  const store = await createSqliteStore({ path: file, clock: createSystemClock() });
  try {
    const events = await allEvents(store);
    const ids = new Set(events.map((event) => event.id));
    const results = new Map<string, number>();
    const deliveries = new Map<string, number>();
    for (const event of events) {
      const turnId = openedTurn(event);
      if (turnId !== undefined) results.set(turnId, results.get(turnId) ?? 0);
      if (event.kind === "turn.completed" || event.kind === "turn.failed") {
        results.set(event.data.turnId, (results.get(event.data.turnId) ?? 0) + 1);
      }
      if (event.kind === "message.delivered" || event.kind === "message.answered") {
        const key = `${event.kind} ${event.data.messageId} to ${event.data.recipient}`;
        deliveries.set(key, (deliveries.get(key) ?? 0) + 1);
      }
    }
    return {
      lost: acknowledged.filter((id) => !ids.has(id)),
      deliveredTwice: [...deliveries].filter(([, count]) => count > 1).map(([key]) => key),
      turnsWithoutOneResult: [...results]
        .filter(([, count]) => count !== 1)
        .map(([turn, count]) => `${turn}: ${count}`),
      integrity: (await store.integrityCheck("full")).join("; ") || "ok",
    };
  } finally {
    await store.close();
  }
}

/** A request opens a turn when it is accepted, whether or not it is ever started. */
function openedTurn(event: JournalEvent): string | undefined {
  if (event.kind === "turn.started") return event.data.turnId;
  if (event.kind !== "message.accepted" || event.data.envelope.intent !== "request") return undefined;
  return event.data.envelope.turnId;
}

async function allEvents(store: Store): Promise<JournalEvent[]> {
  const all: JournalEvent[] = [];
  while (true) {
    const page = await store.events({ after: all.at(-1)?.position ?? 0, limit: 500 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

async function inNewHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(path.join(tmpdir(), "polylogue-crash-"));
  try {
    return await work(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
