// No key reaches the disk, whatever a vendor sends back; and nobody else can
// read what does.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLog } from "../../src/platform/log.ts";
import { createRedactor } from "../../src/platform/redaction.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { KEYS, open, vendorNetwork } from "./open.ts";

/** Lists its models well, and refuses every question with the key in the reason. */
function echoingNetwork(): typeof globalThis.fetch {
  const { fetch } = vendorNetwork();
  return async (input, init) => {
    const request = new Request(input, init);
    if (request.method === "GET") return fetch(request);
    const key = ["x-api-key", "x-goog-api-key", "authorization"].map((name) => request.headers.get(name)).join(" ");
    const message = `the key ${key} (also ${Buffer.from(key.trim()).toString("base64")}) is spent; ask sk-other-planted-0123456789`;
    return Response.json({ error: { type: "invalid_request_error", message } }, { status: 400 });
  };
}

describe("secrets at rest", () => {
  it("are nowhere in the home folder, the documents or the log, and the home is closed to others", async () => {
    const home = join(temporaryFolder(), "home");
    const lines: string[] = [];
    const log = createLog({
      level: "debug",
      sink: (line) => lines.push(line),
      clock: createVirtualClock(),
      redactor: createRedactor(),
    });
    const polylogue = await open({ home, environment: KEYS, fetch: echoingNetwork(), log });
    const result = await polylogue.ask({ question: "One writer?", as: "gather" });
    expect(result).toMatchObject({ status: "failed", quorum: { answered: [] } });
    expect(result.quorum.failed.map(({ reason }) => reason).join()).toContain("[redacted]");
    const shown = await polylogue.conversations.show(result.conversationId);
    const files = readdirSync(home);
    expect(files).toContain("polylogue.db");
    const texts = [...files.map((file) => readFileSync(join(home, file), "latin1")), JSON.stringify(shown), ...lines];
    for (const text of texts) {
      expect(text.includes("planted")).toBe(false);
      for (const key of Object.values(KEYS)) expect(text.includes(Buffer.from(key).toString("base64"))).toBe(false);
    }
    expect(statSync(home).mode & 0o777).toBe(0o700);
    for (const file of files) expect(statSync(join(home, file)).mode & 0o077).toBe(0);
  });
});
