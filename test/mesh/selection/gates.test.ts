// Gates: what a card or a vendor's headers allow is reserved before the call,
// exactly, whatever runs at the same time.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RateLimitState } from "../../../src/agents/agent.ts";
import { ownRoute } from "../../../src/domain/agent-card.ts";
import { admit, call, candidate, createField, type Field, report } from "./candidates.ts";

const waitMs = (field: Field, port: ReturnType<typeof candidate>, tokens = 1) =>
  field.targets.refusal(port.agent.card, ownRoute(port.agent.card), tokens)?.waitMs;

describe("limits of a card", () => {
  it("never over-admit in any window, under concurrency, and admit when they said they would", async () => {
    const step = fc.record({
      pauseMs: fc.integer({ min: 0, max: 20_000 }),
      tokens: fc.integer({ min: 1, max: 40 }),
      end: fc.constantFrom("later", "now", "cancel"),
      used: fc.integer({ min: 0, max: 40 }),
    });
    const limits = { requestsPerMinuteMax: 5, tokensPerMinuteMax: 100, concurrencyMax: 3 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const field = createField();
        const port = candidate("one", { limits });
        const calls: { readonly atUs: number; readonly tokens: number }[] = [];
        const open: { permit: NonNullable<ReturnType<typeof admit>>; tokens: number }[] = [];
        for (const { pauseMs, tokens, end, used } of steps) {
          await field.clock.advance(pauseMs);
          const free = waitMs(field, port, tokens) === undefined && open.length < limits.concurrencyMax;
          const permit = admit(field, port, tokens);
          if (free) expect(permit).toBeDefined();
          if (permit === undefined) {
            open.shift()?.permit.end(report({ tokensUsed: 40 }));
            continue;
          }
          if (end === "cancel") permit.cancel();
          else calls.push({ atUs: field.clock.monotonicUs(), tokens: end === "now" ? Math.min(used, tokens) : tokens });
          if (end === "now") permit.end(report({ tokensUsed: Math.min(used, tokens) }));
          if (end === "later") open.push({ permit, tokens });
          expect(open.length).toBeLessThanOrEqual(limits.concurrencyMax);
        }
        for (const { atUs } of calls) {
          const inWindow = calls.filter((other) => other.atUs >= atUs && other.atUs < atUs + 60_000_000);
          expect(inWindow.length).toBeLessThanOrEqual(limits.requestsPerMinuteMax);
          const counted = inWindow.reduce((sum, { tokens }) => sum + tokens, 0);
          expect(counted).toBeLessThanOrEqual(limits.tokensPerMinuteMax);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("limits of a vendor, read from its headers", () => {
  const said = (limits: RateLimitState) => ({ rateLimits: limits });

  it("hold before any count of ours", () => {
    const field = createField();
    const port = candidate("one", { limits: { requestsPerMinuteMax: 1_000 } });
    call(field, port, said({ requestsLimit: 50, requestsRemaining: 2, requestsResetMs: 48_000 }));
    expect([1, 2, 3].map(() => admit(field, port) !== undefined)).toEqual([true, true, false]);
    expect(waitMs(field, port)).toBe(1_000);
  });

  it("refill evenly until the time of the reset", async () => {
    const field = createField();
    const port = candidate("one");
    call(field, port, said({ requestsLimit: 60, requestsRemaining: 0, requestsResetMs: 60_000 }));
    expect(admit(field, port)).toBeUndefined();
    await field.clock.advance(10_000);
    const admitted = Array.from({ length: 20 }, () => admit(field, port)).filter((permit) => permit !== undefined);
    expect(admitted).toHaveLength(10);
  });

  it("do not count calls under way as free: the vendor may not have seen them", () => {
    const field = createField();
    const port = candidate("one");
    const first = admit(field, port);
    admit(field, port);
    admit(field, port);
    first?.end(report(said({ requestsLimit: 10, requestsRemaining: 3 })));
    expect([1, 2].map(() => admit(field, port) !== undefined)).toEqual([true, false]);
  });

  it("hold for tokens too, settled by what was used", () => {
    const field = createField();
    const port = candidate("one");
    call(field, port, said({ tokensLimit: 1_000, tokensRemaining: 400, tokensResetMs: 0 }));
    const large = admit(field, port, 300);
    expect(admit(field, port, 300)).toBeUndefined();
    large?.end(report({ tokensUsed: 50 }));
    expect(admit(field, port, 300)).toBeDefined();
  });

  it("give back what was reserved for a call that was never made", () => {
    const field = createField();
    const port = candidate("one");
    call(field, port, said({ requestsRemaining: 1, requestsResetMs: 60_000 }));
    admit(field, port)?.cancel();
    expect(admit(field, port)).toBeDefined();
  });

  it("are shared by all agents on the same model and key, and by no others", () => {
    const field = createField();
    const route = { vendor: "north", model: "n" };
    const [ann, bob] = ["ann", "bob"].map((id) => candidate(id, { routes: [route] })) as [never, never];
    const cat = candidate("cat", { routes: [{ ...route, key: "second" }] });
    call(field, ann, said({ requestsLimit: 9, requestsRemaining: 0, requestsResetMs: 9_000 }));
    expect([ann, bob, cat].map((port) => admit(field, port) !== undefined)).toEqual([false, false, true]);
  });

  it("say how much one agent can take, where its card does not", () => {
    const field = createField();
    const [learned, set] = [candidate("a"), candidate("b", { limits: { requestsPerMinuteMax: 7 } })];
    for (const port of [learned, set]) call(field, port, said({ requestsLimit: 50, requestsRemaining: 49 }));
    const perMinute = [learned, set].map(
      ({ agent }) => field.targets.load(agent.card, ownRoute(agent.card)).requestsPerMinute,
    );
    expect(perMinute).toEqual([50, 7]);
  });
});
