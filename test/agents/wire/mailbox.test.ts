// Several senders, one receiver: order, back pressure, and urgent news first.
import { describe, expect, it } from "vitest";
import { createMailbox } from "../../../src/agents/wire/mailbox.ts";

describe("mailbox", () => {
  it("lets a sender go on only when its part was taken", async () => {
    const mailbox = createMailbox<number, string>();
    const seen: string[] = [];
    const sender = (async () => {
      for (const part of [1, 2, 3]) {
        await mailbox.put(part);
        seen.push(`put ${part}`);
      }
    })();
    for (let index = 1; index <= 3; index++) {
      expect(await mailbox.take()).toEqual({ type: "part", part: index });
      seen.push(`took ${index}`);
    }
    await sender;
    expect(seen.indexOf("put 1")).toBeLessThan(seen.indexOf("took 2"));
    expect(seen.indexOf("put 2")).toBeGreaterThan(seen.indexOf("took 1"));
  });

  it("counts many marks as one, and delivers urgent first, then the mark, then the part", async () => {
    const mailbox = createMailbox<number, string>();
    void mailbox.put(1);
    mailbox.mark();
    mailbox.mark();
    mailbox.urge("first");
    mailbox.urge("second");
    expect(await mailbox.take()).toEqual({ type: "urgent", item: "first" });
    expect(await mailbox.take()).toEqual({ type: "urgent", item: "first" });
    const other = createMailbox<number, string>();
    void other.put(1);
    other.mark();
    other.mark();
    expect(await other.take()).toEqual({ type: "mark" });
    expect(await other.take()).toEqual({ type: "part", part: 1 });
  });

  it("wakes a waiting receiver", async () => {
    const mailbox = createMailbox<number, string>();
    const waiting = mailbox.take();
    mailbox.mark();
    expect(await waiting).toEqual({ type: "mark" });
  });

  it("lets senders go when it is closed", async () => {
    const mailbox = createMailbox<number, string>();
    const waiting = mailbox.put(1);
    mailbox.close();
    await waiting;
    await mailbox.put(2);
    mailbox.close();
  });
});
