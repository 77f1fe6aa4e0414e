// Keys that somebody set, but that no header can carry.
import { describe, expect, it } from "vitest";
import type { VendorRecord } from "../../src/agents/vendors/vendor.ts";
import { findKey } from "../../src/app/keys.ts";
import { BUILT_IN_VENDORS } from "../../src/app/vendor-records.ts";
import { noNetwork, open } from "./open.ts";

describe("a key that cannot be sent", () => {
  it.each(["planted-\nkey-value", "planted-\tkey-value", "planted-kéy-value", "planted-\u0000key"])(
    "is as good as none, and is never shown: %j",
    async (value) => {
      const record = BUILT_IN_VENDORS.get("anthropic") as VendorRecord;
      const state = await findKey({ record }, { vendors: {} }, { ANTHROPIC_API_KEY: value });
      expect(state).toMatchObject({ state: "missing", reason: expect.stringContaining("ANTHROPIC_API_KEY") as string });
      expect(JSON.stringify(state)).not.toContain("planted");
    },
  );

  it("is used without the blanks and line ends around it", async () => {
    const record = BUILT_IN_VENDORS.get("anthropic") as VendorRecord;
    const state = await findKey({ record }, { vendors: {} }, { ANTHROPIC_API_KEY: " planted-a-key \r\n" });
    expect(state).toMatchObject({ state: "set", value: "planted-a-key" });
  });

  it("ends a question before any call, with the exit code of keys", async () => {
    const polylogue = await open({ environment: { ANTHROPIC_API_KEY: "planted-\nkey-value" }, fetch: noNetwork });
    const refused = await polylogue
      .ask({ question: "?", as: "ask", with: ["claude"] })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "KEY_MISSING", exitCode: 4 });
    expect(String(refused)).not.toContain("planted");
  });
});
