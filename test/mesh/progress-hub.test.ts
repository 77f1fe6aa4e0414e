// Fan-out of progress.
import { expect, it } from "vitest";
import { createProgressHub } from "../../src/mesh/progress-hub.ts";
import { createSilentLog } from "../../src/platform/log.ts";

it("tells every listener, whatever another one does, and no more than it may have", () => {
  const errors: string[] = [];
  const log = { ...createSilentLog(), error: (event: string) => errors.push(event) };
  const hub = createProgressHub({ listenersMax: 2, log });
  const heard: string[] = [];
  hub.subscribe(() => {
    throw new Error("a listener's fault");
  });
  const end = hub.subscribe((progress) => heard.push(progress.type));
  hub.emit({ type: "journal", conversationId: "c" });
  expect(heard).toEqual(["journal"]);
  expect(errors).toEqual(["mesh.progress-listener-failed"]);
  expect(() => hub.subscribe(() => undefined)).toThrow(expect.objectContaining({ code: "OVERLOADED" }));
  end();
  hub.subscribe(() => undefined);
  hub.emit({ type: "journal", conversationId: "c" });
  expect(heard).toHaveLength(1);
});
