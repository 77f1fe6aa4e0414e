// Several processes share one home: all end well, and what one does to another's
// conversation takes effect within a second.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { AskDocument } from "../../src/app/polylogue.ts";
import { verifies } from "../requirements.ts";
import { inNewHome, withSimulated } from "./simulated-ask.ts";

const CHILD = fileURLToPath(new URL("fixtures/ask-child.ts", import.meta.url));
const TAKES_EFFECT_MS_MAX = 1_000;

interface Asking {
  readonly child: ChildProcess;
  /** The conversation's id, as soon as it is durable. */
  readonly started: Promise<string>;
  readonly result: Promise<AskDocument>;
}

function ask(home: string, seed: number, latency: string): Asking {
  const child = spawn(process.execPath, [CHILD, home, String(seed), latency], { stdio: ["ignore", "pipe", "pipe"] });
  const started = Promise.withResolvers<string>();
  const result = Promise.withResolvers<AskDocument>();
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const id = /^started (\S+)\n/m.exec(output)?.[1];
    if (id !== undefined) started.resolve(id);
    const line = /^\{.*\}\n/m.exec(output)?.[0];
    if (line !== undefined) result.resolve(JSON.parse(line) as AskDocument);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.on("close", (code, signal) => {
    const error = new Error(`the process ended early (${code ?? signal}): ${errors}`);
    started.reject(error);
    result.reject(error);
  });
  result.promise.catch(() => undefined);
  started.promise.catch(() => undefined);
  return { child, started: started.promise, result: result.promise };
}

describe("several processes in one home", () => {
  it("eight that ask at once all end well", { timeout: 120_000 }, async () => {
    verifies("R7.1");
    await inNewHome(async (home) => {
      const asking = Array.from({ length: 8 }, (_, index) => ask(home, index + 1, "none"));
      const results = await Promise.all(asking.map(({ result }) => result));
      for (const { status, quorum } of results) {
        expect(["decided", "no_decision"]).toContain(status);
        expect(quorum.failed).toEqual([]);
      }
      await withSimulated({ home }, async (polylogue) => {
        const { conversations } = await polylogue.conversations.list();
        expect(conversations.map(({ id }) => id).toSorted()).toEqual(
          results.map((one) => one.conversationId).toSorted(),
        );
        expect(conversations.every(({ simulated }) => simulated)).toBe(true);
      });
    });
  });

  it("a cancel from another process ends a conversation within a second", { timeout: 60_000 }, async () => {
    await inNewHome(async (home) => {
      const asking = ask(home, 1, "realistic");
      const id = await asking.started;
      await withSimulated({ home }, async (polylogue) => {
        await polylogue.conversations.cancel(id, "changed my mind");
        const requested = performance.now();
        await expect
          .poll(async () => (await polylogue.conversations.show(id)).status, { timeout: 10_000, interval: 20 })
          .toBe("cancelled");
        expect(performance.now() - requested).toBeLessThan(TAKES_EFFECT_MS_MAX);
      });
      expect((await asking.result).status).toBe("cancelled");
    });
  });

  it("a message from another process reaches every member within a second", { timeout: 60_000 }, async () => {
    verifies("R2.4");
    await inNewHome(async (home) => {
      const asking = ask(home, 2, "realistic");
      const id = await asking.started;
      await withSimulated({ home }, async (polylogue) => {
        await expect
          .poll(async () => (await polylogue.conversations.show(id)).epochs.length, { timeout: 10_000, interval: 20 })
          .toBe(1);
        const { messageId } = await polylogue.conversations.send(id, "Mind the power supply.");
        const sent = performance.now();
        const states = async () => {
          const { messages } = await polylogue.conversations.show(id);
          return messages.find((message) => message.id === messageId)?.deliveries.map(({ state }) => state);
        };
        await expect.poll(states, { timeout: 10_000, interval: 20 }).toEqual(["delivered", "delivered", "delivered"]);
        expect(performance.now() - sent).toBeLessThan(TAKES_EFFECT_MS_MAX);
        await polylogue.conversations.cancel(id, "enough");
      });
      expect((await asking.result).status).toBe("cancelled");
    });
  });

  it("a conversation whose process was killed is taken over at once, and goes on", { timeout: 60_000 }, async () => {
    verifies("R7.3");
    await inNewHome(async (home) => {
      const asking = ask(home, 3, "realistic");
      const id = await asking.started;
      asking.child.kill("SIGKILL");
      await asking.result.catch(() => undefined);
      await withSimulated({ home }, async (polylogue) => {
        const { resumed } = await polylogue.conversations.resume("all");
        expect(resumed.map(({ conversationId }) => conversationId)).toEqual([id]);
        const record = await polylogue.conversations.show(id);
        expect(["decided", "no_decision"]).toContain(record.status);
        const requests = record.messages.filter(({ intent }) => intent === "request");
        expect(requests.every(({ deliveries }) => deliveries[0]?.state === "answered")).toBe(true);
      });
    });
  });
});
