// Seven agents of several vendors: every link is proved by a message through the
// real delivery path.
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { inNewHome, withSimulated } from "./simulated-ask.ts";

describe("handshake", () => {
  it("of seven agents opens 21 links, proved in both directions", async () => {
    verifies("R3.1", "R3.4", "R8.2");
    await inNewHome((home) =>
      withSimulated({ home }, async (polylogue) => {
        const document = await polylogue.handshake({ agents: 7, verifyLinks: true });
        expect(document.schema).toBe("polylogue.handshake/1");
        expect(document.members).toHaveLength(7);
        expect(new Set(document.members.map(({ vendor }) => vendor)).size).toBeGreaterThanOrEqual(4);
        expect(new Set(document.members.map(({ model }) => model)).size).toBe(7);
        expect(document.refused).toEqual([]);
        expect(document.links).toHaveLength(42);
        for (const link of document.links) {
          expect(link.open).toBe(true);
          expect(link.rttMs).toBeGreaterThanOrEqual(0);
        }
        const pairs = new Set(document.links.map(({ from, to }) => [from, to].toSorted().join("–")));
        expect(pairs.size).toBe(21);
      }),
    );
  });

  it("of three is one session with one roster", async () => {
    verifies("R2.1");
    await inNewHome((home) =>
      withSimulated({ home }, async (polylogue) => {
        const document = await polylogue.handshake({ with: ["claude", "gemini", "deepseek"], verifyLinks: true });
        expect(document.members.map(({ agent }) => agent).toSorted()).toEqual(["claude", "deepseek", "gemini"]);
        expect(document.links).toHaveLength(6);
        expect(document.digest).toMatch(/^[0-9a-f]{64}$/);
        expect(document.epoch).toBe(1);
      }),
    );
  });
});
