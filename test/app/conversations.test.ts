// Conversations from outside: resume, cancel, send, tail, export, dead letters.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { readOrigin } from "../../src/app/conversation-origin.ts";
import { createOwner, ownerState, systemProcesses } from "../../src/app/owner.ts";
import type { AskRequest, Polylogue } from "../../src/app/polylogue.ts";
import { createProcessLeases } from "../../src/app/process-leases.ts";
import { PROJECTIONS } from "../../src/app/projections.ts";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { createJournal } from "../../src/journal/create-journal.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createIdSource } from "../../src/platform/ids.ts";
import { createSystemRandom } from "../../src/platform/random.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";
import { conversationLease, type Store } from "../../src/storage/store.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { KEYS, noNetwork, open, openSimulated, vendorNetwork } from "./open.ts";

const QUESTION = "Should there be one writer?";

/** Asks, and closes the Polylogue when the first attempt has begun: the conversation is left to be resumed. */
async function interrupted(polylogue: Polylogue, request: Partial<AskRequest> = {}): Promise<string> {
  let id = "";
  const begun = Promise.withResolvers<void>();
  const asking = polylogue.ask({
    question: QUESTION,
    onStarted: (started) => {
      id = started;
    },
    onProgress: ({ type }) => {
      if (type === "attempt-started") begun.resolve();
    },
    ...request,
  });
  const ended = expect(asking).rejects.toMatchObject({ code: "CANCELLED" });
  await Promise.race([begun.promise, asking]);
  await polylogue.close();
  await ended;
  return id;
}

describe("resume", () => {
  it("goes on with what was left, against the same simulators, from a process that is not simulated", async () => {
    const home = temporaryFolder();
    const id = await interrupted(await openSimulated({ home, simulatedLatency: "lively", seed: 5 }));
    const later = await open({ home, fetch: noNetwork });
    expect((await later.conversations.list()).conversations).toMatchObject([{ id, status: "running" }]);
    const { schema, resumed } = await later.conversations.resume("all");
    expect(schema).toBe("polylogue.resume/1");
    expect(resumed).toEqual([
      { conversationId: id, status: expect.stringMatching(/^(decided|no_decision)$/) as string },
    ]);
    const shown = await later.conversations.show(id);
    expect(shown).toMatchObject({ simulated: true, seed: 5 });
    const requests = shown.messages.filter(({ intent }) => intent === "request");
    expect(requests.length).toBe(shown.result?.turns);
    expect((await later.conversations.resume("all")).resumed).toEqual([]);
  });

  it("of a real one uses the network, from a process that simulates", async () => {
    const home = temporaryFolder();
    const network = vendorNetwork();
    const id = await interrupted(await open({ home, environment: KEYS, fetch: network.fetch }));
    const calls = network.hosts.length;
    const later = await openSimulated({ home, environment: KEYS, fetch: network.fetch });
    const seen: string[] = [];
    const onProgress = ({ conversationId }: { conversationId: string }) => void seen.push(conversationId);
    const { resumed } = await later.conversations.resume([id.slice(0, 25)], { onProgress });
    expect(resumed).toMatchObject([
      { conversationId: id, status: expect.stringMatching(/decided|no_decision/) as string },
    ]);
    expect(network.hosts.length).toBeGreaterThan(calls);
    expect(new Set(seen)).toEqual(new Set([id]));
    expect((await later.conversations.show(id)).simulated).toBe(false);
  });

  it("says which are driven by another process, and leaves them alone", async () => {
    const home = temporaryFolder();
    const driving = await openSimulated({ home, simulatedLatency: "realistic" });
    const started = Promise.withResolvers<string>();
    const asking = driving.ask({ question: QUESTION, onStarted: started.resolve });
    const id = await started.promise;
    const other = await openSimulated({ home });
    await expect
      .poll(async () => (await other.conversations.show(id)).epochs.length, { timeout: 10_000, interval: 10 })
      .toBe(1);
    const { resumed } = await other.conversations.resume("all");
    expect(resumed).toEqual([
      { conversationId: id, status: "running", code: "LEASE_HELD", reason: "Another process drives it." },
    ]);
    await other.conversations.cancel(id, "enough");
    expect((await asking).status).toBe("cancelled");
  });

  it("interrupted leaves it to be resumed again", async () => {
    const home = temporaryFolder();
    const id = await interrupted(await openSimulated({ home, simulatedLatency: "lively" }));
    const later = await openSimulated({ home });
    const { resumed } = await later.conversations.resume("all", { signal: AbortSignal.abort() });
    expect(resumed).toMatchObject([{ conversationId: id, status: "running", code: "CANCELLED" }]);
  });

  it("of ids nobody knows is refused; of an ended one gives its status", async () => {
    const polylogue = await openSimulated();
    const { conversationId, status } = await polylogue.ask({ question: QUESTION, as: "gather" });
    expect((await polylogue.conversations.resume([conversationId])).resumed).toEqual([{ conversationId, status }]);
    await expect(polylogue.conversations.resume(["nope"])).rejects.toMatchObject({ code: "CONVERSATION_UNKNOWN" });
  });

  it("says of one whose vendor or key is gone why it cannot go on, and goes on with the others", async () => {
    const home = temporaryFolder();
    const config = {
      vendors: { box: { wire: "openai-chat", baseUrl: "https://api.openai.com/v1", keyEnv: "BOX_KEY" } },
      agents: { mine: { vendor: "box", model: "gpt-6-luna" }, other: { vendor: "box", model: "gpt-6.1-terra" } },
    } as const;
    const environment = { BOX_KEY: "planted-box-key" };
    const lost = await interrupted(await open({ home, config, environment, fetch: vendorNetwork().fetch }));
    const well = await interrupted(await openSimulated({ home, simulatedLatency: "lively" }));
    const keyless = await open({ home, config, fetch: noNetwork });
    expect((await keyless.conversations.resume([lost])).resumed).toMatchObject([
      { conversationId: lost, status: "running", code: "KEY_MISSING" },
    ]);
    const later = await open({ home, environment: KEYS, fetch: noNetwork });
    const { resumed } = await later.conversations.resume("all");
    expect(resumed).toMatchObject([
      { conversationId: lost, status: "running", code: "VENDOR_UNKNOWN" },
      { conversationId: well, status: expect.stringMatching(/decided|no_decision/) as string },
    ]);
    await later.conversations.cancel(lost, "its server is gone");
    const { status, result } = await later.conversations.show(lost);
    expect([status, result?.stopReasons[0]]).toEqual(["cancelled", expect.stringContaining("its server is gone")]);
  });
});

describe("a conversation that nobody drives", () => {
  it("is cancelled on the spot", async () => {
    const home = temporaryFolder();
    const id = await interrupted(await openSimulated({ home, simulatedLatency: "lively" }));
    const later = await open({ home, fetch: noNetwork });
    await later.conversations.cancel(id, "no longer needed");
    expect((await later.conversations.show(id)).status).toBe("cancelled");
    await expect(later.conversations.cancel(id, "again")).rejects.toMatchObject({ code: "CONVERSATION_ENDED" });
  });

  it("takes a message, which its members read when it goes on", async () => {
    const home = temporaryFolder();
    const id = await interrupted(await openSimulated({ home, simulatedLatency: "lively" }));
    const later = await openSimulated({ home });
    const { messageId } = await later.conversations.send(id, "Mind the power supply.");
    const second = await later.conversations.send(id, "And you, the disk.", ["claude"]);
    await later.conversations.resume([id]);
    const { messages } = await later.conversations.show(id);
    const states = (wanted: string) => messages.find((one) => one.id === wanted)?.deliveries.map(({ state }) => state);
    expect(states(messageId)).toEqual(["delivered", "delivered", "delivered"]);
    expect(states(second.messageId)).toEqual(["delivered"]);
  });

  it("that was paused goes on when it is resumed", async () => {
    const home = temporaryFolder();
    const id = await interrupted(await openSimulated({ home, simulatedLatency: "lively" }));
    const clock = createSystemClock();
    const store = await createSqliteStore({ path: `${home}/polylogue.db`, clock });
    const ids = createIdSource(clock, createSystemRandom());
    const journal = await createJournal({ store, ids, clock, projections: PROJECTIONS });
    await journal.append({
      stream: id,
      decide: () => ({
        events: [{ kind: "conversation.paused", actor: "user", data: { by: "user" } }],
        result: undefined,
      }),
    });
    await store.close();
    const later = await openSimulated({ home });
    expect((await later.conversations.list()).conversations).toMatchObject([{ id, status: "paused" }]);
    const { resumed } = await later.conversations.resume("all");
    expect(resumed).toMatchObject([
      { conversationId: id, status: expect.stringMatching(/decided|no_decision/) as string },
    ]);
  });
});

describe("a tail", () => {
  const seqs = async (events: AsyncIterable<JournalEvent>): Promise<number[]> => {
    const seen: number[] = [];
    for await (const { seq } of events) seen.push(seq);
    return seen;
  };

  it("of an ended conversation ends when everything after the place was shown, wherever that is", async () => {
    const polylogue = await openSimulated();
    const { conversationId } = await polylogue.ask({ question: QUESTION, as: "ask", with: ["claude"] });
    const { signal } = new AbortController();
    const tail = (after: number) => seqs(polylogue.conversations.tail(conversationId, { after, signal }));
    const all = await tail(0);
    expect(all.length).toBeGreaterThan(5);
    expect(await tail(all.length - 2)).toEqual(all.slice(-2));
    expect(await tail(all.length)).toEqual([]);
    expect(await tail(all.length + 1_000)).toEqual([]);
  });

  it("shows what came in behind the end", async () => {
    const home = temporaryFolder();
    const polylogue = await openSimulated({ home });
    const { conversationId } = await polylogue.ask({ question: QUESTION, as: "ask", with: ["claude"] });
    const { signal } = new AbortController();
    const tail = (after: number) => seqs(polylogue.conversations.tail(conversationId, { after, signal }));
    const end = (await tail(0)).length;
    // Another process asked for a cancellation at the very moment of the end.
    const clock = createSystemClock();
    const store = await createSqliteStore({ path: `${home}/polylogue.db`, clock });
    const ids = createIdSource(clock, createSystemRandom());
    const journal = await createJournal({ store, ids, clock, projections: PROJECTIONS });
    const data = { by: "user", reason: "too late" };
    await journal.append({
      stream: conversationId,
      simulated: true,
      decide: () => ({
        events: [{ kind: "conversation.cancel-requested", actor: "user", data }],
        result: undefined,
      }),
    });
    await store.close();
    expect(await tail(end - 1)).toEqual([end, end + 1]);
    expect(await tail(end + 1)).toEqual([]);
  });

  it("from beyond the end of a running one ends with it", async () => {
    const polylogue = await openSimulated({ simulatedLatency: "lively" });
    const { signal } = new AbortController();
    let tailing: Promise<number[]> | undefined;
    await polylogue.ask({
      question: QUESTION,
      as: "ask",
      with: ["claude"],
      onStarted: (id) => {
        tailing = seqs(polylogue.conversations.tail(id, { after: 100_000, signal }));
      },
    });
    expect(await tailing).toEqual([]);
  });
});

describe("reading", () => {
  it("tails the events of one conversation, exports it, lists no dead letters where there are none", async () => {
    const polylogue = await openSimulated();
    const { conversationId, answer } = await polylogue.ask({ question: QUESTION, as: "gather" });
    const stop = new AbortController();
    const events: JournalEvent[] = [];
    for await (const event of polylogue.conversations.tail(conversationId, { after: 0, signal: stop.signal })) {
      events.push(event);
      if (event.kind === "conversation.ended") stop.abort();
    }
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(events.every(({ stream, simulated }) => stream === conversationId && simulated)).toBe(true);
    const markdown = await polylogue.conversations.exportMarkdown(conversationId);
    expect(markdown).toContain(QUESTION);
    expect(markdown).toContain((answer ?? "").split("\n")[0] as string);
    expect(await polylogue.conversations.dead()).toEqual({ schema: "polylogue.dead/1", dead: [] });
    expect((await polylogue.conversations.dead(conversationId)).dead).toEqual([]);
  });

  it("takes only a unique beginning of an id", async () => {
    const polylogue = await openSimulated();
    await polylogue.handshake({ agents: 1 });
    await polylogue.handshake({ agents: 1 });
    await expect(polylogue.conversations.show("0")).rejects.toMatchObject({ code: "USAGE" });
    const { conversations } = await polylogue.conversations.list({ limit: 1 });
    expect(conversations).toHaveLength(1);
    expect((await polylogue.conversations.show(conversations[0]?.id.toUpperCase() ?? "")).id).toBe(
      conversations[0]?.id,
    );
  });
});

describe("what cannot be", () => {
  it("is a conversation that was never created", async () => {
    await expect(readOrigin({ read: async () => [] }, "nope")).rejects.toMatchObject({ code: "CONVERSATION_UNKNOWN" });
  });
});

describe("dead letters", () => {
  it("name conversation, recipient, time and reason, of all or of one", async () => {
    const home = temporaryFolder();
    const polylogue = await openSimulated({ home });
    const { conversationId } = await polylogue.ask({ question: QUESTION, as: "gather" });
    const other = await polylogue.ask({ question: QUESTION, as: "gather" });
    const { messages } = await polylogue.conversations.show(conversationId);
    const [message] = messages;
    await polylogue.close();
    const clock = createSystemClock();
    const store = await createSqliteStore({ path: `${home}/polylogue.db`, clock });
    const ids = createIdSource(clock, createSystemRandom());
    const journal = await createJournal({ store, ids, clock, projections: PROJECTIONS });
    const recipient = message?.recipients[0] ?? "";
    const data = {
      messageId: message?.id ?? "",
      recipient,
      code: "REDELIVERY_SPENT",
      reason: "it was started 4 times",
    };
    await journal.append({
      stream: conversationId,
      decide: () => ({ events: [{ kind: "message.dead", actor: "coordinator", data }], result: undefined }),
    });
    await store.close();
    const again = await openSimulated({ home });
    const expected = [{ conversationId, ...data, at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string }];
    expect((await again.conversations.dead()).dead).toEqual(expected);
    expect((await again.conversations.dead(conversationId)).dead).toEqual(expected);
    expect((await again.conversations.dead(other.conversationId)).dead).toEqual([]);
  });
});

describe("leases of processes", () => {
  const request = (owner: string) => ({ name: conversationLease("c"), owner, ttlMs: 60_000, nowUs: 1_000_000 });

  async function stores(): Promise<{ readonly plain: Store; readonly leases: Store }> {
    const plain = await createSqliteStore({ path: `${temporaryFolder()}/polylogue.db`, clock: createSystemClock() });
    onTestFinished(() => plain.close());
    return { plain, leases: createProcessLeases(plain) };
  }

  /** The owner's text of a process that has just ended. */
  function deadOwner(): string {
    const module = new URL("../../src/app/owner.ts", import.meta.url).href;
    const code = `import { createOwner } from ${JSON.stringify(module)}; process.stdout.write(createOwner("gone"));`;
    return execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  }

  it("tell the living from the dead, and both from those that cannot be seen", async () => {
    const mine = createOwner("mark");
    expect(ownerState(mine)).toBe("alive");
    expect(ownerState(deadOwner())).toBe("dead");
    const [machine, pid, start] = mine.split(" ");
    expect(ownerState(`elsewhere ${pid} ${start} mark`)).toBe("unknown");
    expect(ownerState(`${machine} ${pid} 1 mark`)).toBe("dead");
    for (const odd of ["", "somebody", `${machine} x y z`, `${machine} 0 y z`, `${machine} -1 y z`]) {
      expect(ownerState(odd)).toBe("unknown");
    }
  });

  it("do with less where the system tells less", () => {
    const plain = systemProcesses("/nonexistent");
    expect(plain.machine).toBe(hostname());
    expect(plain.startOf(process.pid)).toBeUndefined();
    expect(ownerState(createOwner("mark", plain), plain)).toBe("alive");
    expect(ownerState(createOwner("mark", plain), { ...plain, isRunning: () => false })).toBe("dead");
    expect(ownerState(createOwner("mark", plain))).toBe("unknown");
  });

  it("of a living process hold, of a dead one are free at once with a higher token", async () => {
    const { plain, leases } = await stores();
    const dead = await plain.acquireLease(request(deadOwner()));
    expect(await leases.readLease(request("").name)).toBeUndefined();
    const mine = await leases.acquireLease(request("mine"));
    expect(mine?.token).toBeGreaterThan(dead?.token ?? Number.POSITIVE_INFINITY);
    expect(await leases.acquireLease(request("another"))).toBeUndefined();
    expect((await leases.readLease(request("").name))?.token).toBe(mine?.token);
    expect((await leases.acquireLease(request("mine")))?.token).toBe(mine?.token);
  });

  it("of another machine are waited for", async () => {
    const { plain, leases } = await stores();
    await plain.acquireLease(request("elsewhere 1 1 mark"));
    expect(await leases.acquireLease(request("mine"))).toBeUndefined();
  });

  it("see a process that is running, and that it has ended", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const [machine] = createOwner("x").split(" ");
    const owner = `${machine} ${child.pid} 1 mark`;
    // Another start time than ours: the id was used again.
    expect(ownerState(owner)).toBe("dead");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(ownerState(owner)).toBe("dead");
  });
});
