// Faults strike in each vendor's own grammar, by seed, and nothing ever hangs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_FAULT_WEIGHTS, FAULT_KINDS, type FaultKind, type FaultPlan } from "../../src/simulators/fault-plan.ts";
import {
  LATENCY_PROFILES,
  SIMULATED_HEADER,
  SIMULATED_VENDORS,
  type SimulatedVendor,
} from "../../src/simulators/simulator.ts";
import { verifies } from "../requirements.ts";
import { askBody, createHarness, eventsOf, GENERATING_PATHS, type Harness, STREAMING_PATHS } from "./harness.ts";

const TEXT =
  'Should we use one writer? <attachment name="n.md">One writer thread keeps the order total. A second writer would wait for a lock.</attachment>';

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers | undefined;
  readonly error: string | undefined;
}

/** One call to its end: whatever came, and the error that ended it. */
async function outcome(harness: Harness, vendor: SimulatedVendor, stream: boolean): Promise<Outcome> {
  const path = stream ? STREAMING_PATHS[vendor] : GENERATING_PATHS[vendor];
  const decoder = new TextDecoder();
  let text = "";
  let status = 0;
  let headers: Headers | undefined;
  const work = async (): Promise<Outcome> => {
    try {
      const response = await harness.fetch(vendor, path, {
        method: "POST",
        body: JSON.stringify(askBody(vendor, TEXT, stream)),
      });
      ({ status, headers } = response);
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>)
        text += decoder.decode(piece, { stream: true });
      return { status, text, headers, error: undefined };
    } catch (error) {
      return { status, text, headers, error: (error as Error).message };
    }
  };
  return harness.clock.run(work());
}

const struck = (vendor: SimulatedVendor, fault: FaultKind, stream = true): Promise<Outcome> =>
  outcome(createHarness({ faults: { script: [fault] } }), vendor, stream);
const healthy = (vendor: SimulatedVendor, stream = true): Promise<Outcome> => outcome(createHarness(), vendor, stream);

describe.each(SIMULATED_VENDORS)("%s", (vendor) => {
  it("answers with its own status and body", async () => {
    verifies("R7.2");
    const expected: Partial<Record<FaultKind, readonly number[]>> = {
      rate429: [429],
      rate429Silent: [429],
      spendLimit: [402, 429],
      capacity: [503, 529],
      server500: [500],
      server502: [502],
      server504: [504],
      server520: [520],
      server524: [524],
      htmlBody: [502],
    };
    for (const [fault, statuses] of Object.entries(expected)) {
      const { status, text, headers } = await struck(vendor, fault as FaultKind);
      expect([fault, statuses.includes(status), headers?.get(SIMULATED_HEADER)]).toEqual([fault, true, "true"]);
      const isPage = headers?.get("content-type")?.startsWith("text/html") ?? false;
      expect([fault, isPage || Object.hasOwn(JSON.parse(text) as object, "error")]).toEqual([fault, true]);
    }
    expect((await struck(vendor, "htmlBody")).text).toMatch(/<html/);
    expect((await struck(vendor, "rate429Silent")).headers?.get("retry-after")).toBeNull();
    const hint = await struck(vendor, "rate429");
    if (vendor === "google") expect(hint.text).toContain('"retryDelay": "2s"');
    else expect(hint.headers?.get("retry-after")).toBe("2");
  });

  it("cuts a stream cleanly, resets it, or falls silent, after some content", async () => {
    verifies("R7.2");
    const whole = (await healthy(vendor)).text;
    for (const [fault, error] of [
      ["truncatedStream", undefined],
      ["reset", "terminated"],
      ["stall", "terminated"],
    ] as const) {
      const cut = await struck(vendor, fault);
      expect([fault, cut.status, cut.error]).toEqual([fault, 200, error]);
      // Ids follow from the seed, so what was sent is the beginning of the whole.
      expect(whole.startsWith(cut.text)).toBe(true);
      expect(cut.text.length).toBeGreaterThan(0);
      expect(cut.text.length).toBeLessThan(whole.length);
      const plain = await struck(vendor, fault, false);
      expect(plain.error).toBe(error);
      expect(() => JSON.parse(plain.text)).toThrow();
    }
  });

  it("still gives the whole reply when it drips, comes late, or is split within characters", async () => {
    const whole = (await healthy(vendor)).text;
    for (const fault of ["slowDrip", "splitUtf8"] as const) {
      expect(await struck(vendor, fault)).toMatchObject({ status: 200, text: whole, error: undefined });
    }
    const late = createHarness({ faults: { script: ["latency"], latencyMs: 7_000 } });
    expect((await outcome(late, vendor, true)).text.replaceAll(": keep-alive\n\n", "")).toBe(
      whole.replaceAll(": keep-alive\n\n", ""),
    );
    expect(late.clock.monotonicUs()).toBe(7_000_000);
    expect((await struck(vendor, "latency", false)).status).toBe(200);
  });

  it("breaks, repeats or replaces single events", async () => {
    verifies("R7.2");
    const whole = (await healthy(vendor)).text;
    const frames = (text: string): string[] => text.split(/(?<=\r?\n\r?\n)/);
    const broken = frames((await struck(vendor, "malformedEvent")).text);
    const differing = broken.filter((frame, index) => frame !== frames(whole)[index]);
    expect(differing.length).toBe(1);
    expect(() => JSON.parse(/data: (.*)/.exec(differing[0] ?? "")?.[1] ?? "")).toThrow();
    const repeated = frames((await struck(vendor, "duplicateChunk")).text);
    expect(repeated.length).toBe(frames(whole).length + 1);
    expect(repeated.filter((frame, index) => frame === repeated[index - 1]).length).toBeGreaterThanOrEqual(1);
    const errorOf = (text: string): unknown => {
      const last = eventsOf(text).at(-1) as { error?: unknown };
      return last.error;
    };
    const later = await struck(vendor, "errorAfter200");
    expect([later.status, errorOf(later.text) !== undefined, eventsOf(later.text).length > 1]).toEqual([
      200,
      true,
      true,
    ]);
    const first = await struck(vendor, "firstEventError");
    expect([first.status, errorOf(first.text) !== undefined, eventsOf(first.text).length]).toEqual([200, true, 1]);
    expect([503, 529]).toContain((await struck(vendor, "errorAfter200", false)).status);
    expect([503, 529]).toContain((await struck(vendor, "firstEventError", false)).status);
  });

  it("answers with nothing, declines, or is not there", async () => {
    for (const fault of ["emptyAnswer", "refusal"] as const) {
      expect((await struck(vendor, fault)).status).toBe(200);
      expect((await struck(vendor, fault, false)).status).toBe(200);
    }
    expect((await struck(vendor, "down")).error).toBe("fetch failed");
    const harness = createHarness({ faults: { vendors: { [vendor]: { down: true } } } });
    for (const other of SIMULATED_VENDORS)
      expect((await outcome(harness, other, false)).error).toBe(other === vendor ? "fetch failed" : undefined);
    const models = vendor === "google" ? "/v1beta/models" : "/v1/models";
    await expect(harness.fetch(vendor, models)).rejects.toThrow("fetch failed");
  });
});

describe("a plan", () => {
  it("is followed by call index, and counts generating calls only", async () => {
    verifies("R7.3");
    const harness = createHarness({ faults: { script: ["server500", null, "capacity"] } });
    await harness.get("openai", "/v1/models");
    const statuses: number[] = [];
    for (let call = 0; call < 4; call++) statuses.push((await outcome(harness, "openai", false)).status);
    expect(statuses).toEqual([500, 200, 503, 200]);
    const { recent, ...calls } = harness.simulators.vendors.openai.requests();
    expect(calls).toEqual({ total: 5, generating: 4, faulty: 2, inFlight: 0 });
    expect(recent.map(({ index, fault, status }) => [index, fault, status])).toEqual([
      [undefined, undefined, 200],
      [0, "server500", 500],
      [1, undefined, 200],
      [2, "capacity", 503],
      [3, undefined, 200],
    ]);
    expect(recent[1]).toMatchObject({ method: "POST", model: "gpt-4o", body: { model: "gpt-4o" } });
  });

  it("strikes with its probability, by its weights, and differently for another seed", async () => {
    const faultsOf = async (seed: number, faults: FaultPlan): Promise<(FaultKind | undefined)[]> => {
      const harness = createHarness({ seed, faults });
      for (let call = 0; call < 200; call++) await outcome(harness, "deepseek", false);
      return harness.simulators.vendors.deepseek.requests().recent.map(({ fault }) => fault);
    };
    const plan = { probability: 0.3, weights: { rate429: 3, server500: 1 } };
    const drawn = await faultsOf(1, plan);
    expect(await faultsOf(1, plan)).toEqual(drawn);
    expect(await faultsOf(2, plan)).not.toEqual(drawn);
    const count = (kind: FaultKind): number => drawn.filter((fault) => fault === kind).length;
    expect(count("rate429") + count("server500")).toBeGreaterThan(35);
    expect(count("rate429") + count("server500")).toBeLessThan(85);
    expect(count("rate429")).toBeGreaterThan(count("server500"));
    expect(new Set(await faultsOf(1, { probability: 1, weights: {} }))).toEqual(new Set([undefined]));
  });

  it("by default leaves out what never passes", () => {
    expect(Object.keys(DEFAULT_FAULT_WEIGHTS)).not.toContain("spendLimit");
    expect(Object.keys(DEFAULT_FAULT_WEIGHTS)).toContain("stall");
  });

  it("whatever it is, every call ends, and the same seed gives the same bytes", async () => {
    verifies("R7.3", "R7.4");
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          script: fc.array(fc.option(fc.constantFrom(...FAULT_KINDS)), { maxLength: 4 }),
          probability: fc.double({ min: 0, max: 1, noNaN: true }),
          slowDripMs: fc.integer({ min: 1, max: 5_000 }),
          stallMsMax: fc.integer({ min: 1, max: 600_000 }),
        }),
        fc.integer(),
        fc.constantFrom("none", "lively", "realistic"),
        async (faults, seed, profile) => {
          const run = async (): Promise<unknown[]> => {
            const harness = createHarness({
              seed,
              faults,
              latency: LATENCY_PROFILES[profile as keyof typeof LATENCY_PROFILES],
            });
            const ends: unknown[] = [];
            for (const vendor of SIMULATED_VENDORS) {
              for (const stream of [true, false]) {
                const { status, text, error } = await outcome(harness, vendor, stream);
                ends.push([vendor, status, text, error, harness.clock.monotonicUs()]);
              }
              expect(harness.simulators.vendors[vendor].requests().inFlight).toBe(0);
            }
            return ends;
          };
          expect(await run()).toEqual(await run());
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("time and abort", () => {
  it("takes the profile's time on the injected clock", async () => {
    const harness = createHarness({ latency: { firstContentMs: 500, perTokenMs: 10, jitterShare: 0 } });
    const stream = harness.fetch("anthropic", "/v1/messages", {
      method: "POST",
      body: JSON.stringify(askBody("anthropic", TEXT, true)),
    });
    const body = (await harness.clock.run(stream)).body?.getReader();
    expect(harness.clock.monotonicUs()).toBe(0);
    let text = "";
    while (!text.includes("text_delta"))
      text += Buffer.from(
        (await harness.clock.run(body?.read() ?? Promise.reject(new Error("no body")))).value ?? [],
      ).toString();
    expect(harness.clock.monotonicUs()).toBeGreaterThanOrEqual(500_000);
    expect(harness.clock.monotonicUs()).toBeLessThan(600_000);
    await body?.cancel();
    const plain = createHarness({ latency: { firstContentMs: 500, perTokenMs: 10, jitterShare: 0 } });
    await plain.clock.run(
      plain.fetch("openai", "/v1/chat/completions", { method: "POST", body: JSON.stringify(askBody("openai", TEXT)) }),
    );
    expect(plain.clock.monotonicUs()).toBeGreaterThan(1_000_000);
  });

  it("an abort rejects a call that waits and errors a body that stalls", async () => {
    verifies("R7.2");
    const waiting = createHarness({ faults: { script: ["latency"] } });
    const stop = new AbortController();
    const body = JSON.stringify(askBody("openai", TEXT));
    const call = waiting.fetch("openai", "/v1/chat/completions", { method: "POST", body, signal: stop.signal });
    waiting.clock.setTimer(1_000, () => stop.abort(new Error("enough")));
    await expect(waiting.clock.run(call)).rejects.toThrow("enough");
    expect(waiting.simulators.vendors.openai.requests().inFlight).toBe(0);

    const stalled = createHarness({ faults: { script: ["stall"] } });
    const end = new AbortController();
    const response = await stalled.fetch("openai", "/v1/chat/completions", {
      method: "POST",
      body,
      signal: end.signal,
    });
    stalled.clock.setTimer(1_000, () => end.abort(new Error("silence")));
    await expect(stalled.clock.run(response.text())).rejects.toThrow("silence");
    expect(stalled.clock.monotonicUs()).toBe(1_000_000);
    expect(stalled.simulators.vendors.openai.requests().inFlight).toBe(0);

    const late = new AbortController();
    late.abort(new Error("before"));
    await expect(
      stalled.fetch("openai", "/v1/chat/completions", { method: "POST", body, signal: late.signal }),
    ).rejects.toThrow("before");
  });

  it("an unknown host cannot be reached", async () => {
    const { simulators } = createHarness();
    await expect(simulators.fetch("https://api.example.com/")).rejects.toMatchObject({
      message: "fetch failed",
      cause: { code: "ENOTFOUND" },
    });
  });

  it("the log forgets the oldest calls", async () => {
    const harness = createHarness({ requestLogMax: 2 });
    for (let call = 0; call < 3; call++) await outcome(harness, "google", false);
    const calls = harness.simulators.vendors.google.requests();
    expect([calls.total, calls.recent.map(({ index }) => index)]).toEqual([3, [1, 2]]);
  });
});
