// A Polylogue whose every answer a test decides, for outcomes that are hard to
// provoke in the real one. What was not decided throws.

import type { PolylogueOptions } from "../../src/app/options.ts";
import type { Attachment, Conversations, Polylogue } from "../../src/app/polylogue.ts";
import { runCli } from "../../src/cli/run.ts";
import type { Services } from "../../src/cli/services.ts";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { type CapturedIo, type CaptureOptions, captureIo } from "./capture-io.ts";

export interface FakeParts extends Partial<Omit<Polylogue, "conversations">> {
  readonly conversations?: Partial<Conversations>;
}

export interface FakePolylogue {
  readonly polylogue: Polylogue;
  readonly closed: () => number;
}

export function fakePolylogue(parts: FakeParts): FakePolylogue {
  let closed = 0;
  const conversations = undecided("conversations", { tail: () => eventsOf([]), ...parts.conversations });
  const polylogue = undecided("polylogue", {
    ...parts,
    conversations,
    close: () => {
      closed += 1;
      return Promise.resolve();
    },
  });
  return { polylogue: polylogue as unknown as Polylogue, closed: () => closed };
}

function undecided<T extends object>(name: string, parts: T): T {
  return new Proxy(parts, {
    get: (target, property) => {
      // A promise of it must not be taken for a promise itself.
      if (property === "then" || property in target) return Reflect.get(target, property) as unknown;
      throw new Error(`the test decided nothing about ${name}.${String(property)}`);
    },
  });
}

export async function* eventsOf(events: readonly JournalEvent[]): AsyncGenerator<JournalEvent> {
  for (const event of events) {
    await Promise.resolve();
    yield event;
  }
}

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly io: CapturedIo;
  /** What createPolylogue was called with. */
  readonly opened: readonly PolylogueOptions[];
  readonly closed: number;
}

export interface CliSetup extends CaptureOptions {
  readonly parts?: FakeParts;
  readonly services?: Partial<Services>;
  readonly io?: CapturedIo;
}

/** Runs a command in this process. */
export async function runFake(args: readonly string[], setup: CliSetup = {}): Promise<CliResult> {
  const io = setup.io ?? captureIo(setup);
  const opened: PolylogueOptions[] = [];
  const fake = fakePolylogue(setup.parts ?? {});
  const services: Services = {
    createPolylogue: (options) => {
      opened.push(options);
      return Promise.resolve(fake.polylogue);
    },
    readAttachments: (paths) =>
      Promise.resolve(paths.map((name): Attachment => ({ name, mediaType: "text/plain", text: `text of ${name}` }))),
    explainConfig: () => Promise.reject(new Error("the test decided nothing about explainConfig")),
    trustConfig: () => Promise.reject(new Error("the test decided nothing about trustConfig")),
    orchestrations: () => Promise.resolve([{ name: "debate", summary: "they debate" }]),
    startSimulators: () => Promise.reject(new Error("the test decided nothing about startSimulators")),
    ...setup.services,
  };
  const work = runCli({ args, io, services, version: "polylogue 0.0.0 (test)" });
  const code = await withTimePassing(io, work);
  return { code, out: io.out(), err: io.err(), io, opened, closed: fake.closed() };
}

/** Commands load their files while they run, which no clock knows of: time goes on in small steps until they are done. */
async function withTimePassing<T>(io: CapturedIo, work: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  work.then(settle, settle);
  while (!isSettled) await io.clock.advance(1);
  return work;
}
