// One conversation from the command line: checks before any call, progress while
// it runs, and at the end the decision.
import type { AskDocument, AskRequest, Attachment, EstimateDocument, Polylogue } from "../../app/polylogue.ts";
import type { ConversationId } from "../../domain/ids.ts";
import { sleep } from "../../platform/clock.ts";
import type { Run } from "../context.ts";
import { exitCodeOfAsk } from "../exit-code.ts";
import { errorDocument, writeDocument, writeLines } from "../output.ts";
import { createPalette, hasColor } from "../palette.ts";
import { askReport } from "../report/ask-report.ts";
import { estimateReport } from "../report/estimate-report.ts";
import { createLiveWatcher } from "../view/live-watcher.ts";
import { type AskFlags, requestOf } from "./ask-options.ts";
import { createJsonLinesWatcher } from "./json-lines-watcher.ts";
import { createPlainWatcher } from "./plain-watcher.ts";
import { createQuietWatcher, type Watcher } from "./watcher.ts";

export interface AskInput {
  readonly question: string;
  readonly flags: AskFlags;
  /** Beside those of `--attach`. */
  readonly attachments?: readonly Attachment[];
  readonly simulated: boolean;
}

/** How long the last facts may take to come in after the answer is there. */
const TAIL_WAIT_MS = 250;
const LIVE_ROWS_MIN = 10;
const LIVE_COLUMNS_MIN = 20;

export async function runAsk(run: Run, input: AskInput): Promise<void> {
  const { flags } = input;
  const attached = await run.services.readAttachments(flags.attach ?? []);
  const attachments = [...(input.attachments ?? []), ...attached];
  const request: AskRequest = { ...requestOf(input.question, flags), attachments };
  const options = {
    // Nobody watches under --json: simulated models then answer at once.
    ...(input.simulated
      ? { simulated: true, simulatedLatency: run.globals.json ? ("none" as const) : ("lively" as const) }
      : {}),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  };
  if (!run.globals.json && !run.globals.jsonl) run.io.stderr.write(`${announcement(input)}\n`);
  await run.withPolylogue(async (polylogue) => {
    if (flags.estimate === true) {
      const estimate: EstimateDocument = await polylogue.estimate(request);
      run.show(estimate, () => estimateReport(estimate));
      return;
    }
    const document = await converse(run, { polylogue, request, input });
    if (run.globals.json || run.globals.jsonl) writeDocument(run.io, document, run.globals);
    else writeLines(run.io.stdout, askReport(document, run));
    run.exit(exitCodeOfAsk(document));
  }, options);
}

/** Said at once. Who is asked and how is known only when files and options are read; the record says it then. */
function announcement({ flags, simulated }: AskInput): string {
  if (flags.estimate === true) return "Estimating …";
  return simulated ? "Simulated: no vendor is called, nothing is charged." : "Starting …";
}

interface Conversing {
  readonly polylogue: Polylogue;
  readonly request: AskRequest;
  readonly input: AskInput;
}

async function converse(run: Run, { polylogue, request, input }: Conversing): Promise<AskDocument> {
  const watcher = watcherFor(run, request, input);
  const draining = run.io.interrupt.drain((kind) => watcher.onDraining(kind));
  const follow = createFollower(polylogue, watcher);
  // After the view's own, which gives the terminal back first.
  let forget = (): void => undefined;
  const tellIfCutShort = (id: ConversationId): void => {
    forget = run.io.atExit(() =>
      run.io.stderr.write(`Stopped at once. Go on: ${run.invocation} conversation resume ${id}\n`),
    );
  };
  try {
    return await polylogue.ask({
      ...request,
      signal: draining.cancel,
      release: draining.leave,
      onProgress: (progress) => watcher.onProgress(progress),
      onStarted: (conversationId) => {
        tellIfCutShort(conversationId);
        follow.start(conversationId);
      },
    });
  } finally {
    draining.release();
    forget();
    const problem = await follow.stop(run);
    watcher.close();
    if (problem !== undefined) run.io.stderr.write(`Progress is incomplete: ${problem}\n`);
  }
}

function watcherFor(run: Run, request: AskRequest, input: AskInput): Watcher {
  const { io, globals } = run;
  if (globals.jsonl) return createJsonLinesWatcher(io);
  if (globals.json) return createQuietWatcher((text) => io.stderr.write(`${text}\n`));
  const { stderr } = io;
  const isRoomy = stderr.rows >= LIVE_ROWS_MIN && stderr.columns >= LIVE_COLUMNS_MIN;
  if (!stderr.isTTY || io.env.TERM === "dumb" || input.flags.live === false || !isRoomy) return createPlainWatcher(io);
  return createLiveWatcher({
    io,
    palette: createPalette(hasColor(stderr, io.env, globals.noColor)),
    question: request.question,
    orchestration: request.as ?? "",
    simulated: input.simulated,
  });
}

/** Reads the journal beside the run, for the facts that progress does not carry. */
function createFollower(polylogue: Polylogue, watcher: Watcher) {
  const controller = new AbortController();
  let following: Promise<void> = Promise.resolve();
  let problem: string | undefined;

  async function follow(id: ConversationId): Promise<void> {
    try {
      for await (const event of polylogue.conversations.tail(id, { after: 0, signal: controller.signal })) {
        // What comes after the answer is too late to be shown.
        if (controller.signal.aborted) return;
        watcher.onJournal(event);
        if (event.kind === "conversation.ended") return;
      }
    } catch (error) {
      if (!controller.signal.aborted) problem = errorDocument(error).message;
    }
  }

  return {
    start: (id: ConversationId): void => {
      following = follow(id);
    },
    /** Waits a moment for the last facts; says what went wrong, if anything did. */
    stop: async (run: Run): Promise<string | undefined> => {
      await Promise.race([following, sleep(run.io.clock, TAIL_WAIT_MS)]);
      controller.abort();
      return problem;
    },
  };
}
