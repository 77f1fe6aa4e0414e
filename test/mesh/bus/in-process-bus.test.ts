// The bus of one process.
import { describe, expect, it } from "vitest";
import { createInProcessBus } from "../../../src/mesh/bus/in-process-bus.ts";
import { createSilentLog } from "../../../src/platform/log.ts";
import { createVirtualClock } from "../../../src/platform/virtual-clock.ts";

describe("the in-process bus", () => {
  it("tells every subscriber of the subject, later, and nobody else", async () => {
    const clock = createVirtualClock();
    const bus = createInProcessBus({ clock });
    const heard: string[] = [];
    bus.subscribe("x", (message) => heard.push(`first ${String(message)}`));
    const end = bus.subscribe("x", (message) => heard.push(`second ${String(message)}`));
    bus.subscribe("y", () => heard.push("wrong"));
    bus.publish("x", 1);
    expect(heard).toEqual([]);
    await clock.advance(0);
    end();
    end();
    bus.publish("x", 2);
    bus.publish("nobody", 3);
    await clock.advance(0);
    expect(heard).toEqual(["first 1", "second 1", "first 2"]);
  });

  it("goes on when a listener throws, and says so in the log", async () => {
    const clock = createVirtualClock();
    const errors: string[] = [];
    const log = { ...createSilentLog(), error: (event: string) => errors.push(event) };
    const bus = createInProcessBus({ clock, log });
    const heard: unknown[] = [];
    bus.subscribe("x", () => {
      throw new Error("a listener's fault");
    });
    const end = bus.subscribe("x", (message) => heard.push(message));
    bus.publish("x", 1);
    await clock.advance(0);
    expect(heard).toEqual([1]);
    expect(errors).toEqual(["bus.listener-failed"]);
    end();
  });

  it("forgets a subject whose last subscriber went, and takes new ones", async () => {
    const clock = createVirtualClock();
    const bus = createInProcessBus({ clock });
    const heard: unknown[] = [];
    bus.subscribe("x", () => heard.push("old"))();
    bus.subscribe("x", (message) => heard.push(message));
    bus.publish("x", "new");
    await clock.advance(0);
    expect(heard).toEqual(["new"]);
  });
});
