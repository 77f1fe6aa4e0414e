// `--jsonl`: one line for each event. Text is provisional and names its attempt:
// a reader drops what it has of an attempt that ends other than `succeeded`.
import { usdFromNano } from "../../domain/money.ts";
import { isoFromUs } from "../../domain/time.ts";
import type { Progress } from "../../mesh/mesh.ts";
import type { Io } from "../io.ts";
import { DRAINING_TEXTS, type Watcher } from "./watcher.ts";

export function createJsonLinesWatcher(io: Io): Watcher {
  const line = (value: object): void => io.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    onProgress: (progress) => {
      const value = progressLine(progress);
      if (value !== undefined) line(value);
    },
    onJournal: (event) => {
      line({
        type: "journal",
        conversationId: event.stream,
        seq: event.seq,
        kind: event.kind,
        at: isoFromUs(event.atUs),
        actor: event.actor,
        simulated: event.simulated,
      });
    },
    onDraining: (kind) => io.stderr.write(`${DRAINING_TEXTS[kind]}\n`),
    close: () => undefined,
  };
}

/** Undefined for what tells a reader nothing: a sign of life, and the bell for a fact that follows as `journal`. */
function progressLine(progress: Progress): object | undefined {
  switch (progress.type) {
    case "attempt-started": {
      const { route, ...rest } = progress;
      return { ...rest, vendor: route.vendor, model: route.model };
    }
    case "attempt-event":
      return attemptEventLine(progress);
    case "attempt-ended": {
      const { costNanoUsd, ...rest } = progress;
      return { ...rest, costUsd: usdFromNano(costNanoUsd) };
    }
    case "journal":
      return undefined;
  }
}

function attemptEventLine(progress: Extract<Progress, { type: "attempt-event" }>): object | undefined {
  const { conversationId, agent, turnId, attemptId, event } = progress;
  const of = { conversationId, agent, turnId, attemptId };
  switch (event.type) {
    case "byte":
      return undefined;
    case "text-delta":
    case "reasoning-delta":
      return { type: event.type, ...of, provisional: true, text: event.text };
    case "tool-call":
      return { type: event.type, ...of, provisional: true, tool: event.tool, input: event.input };
    case "done":
      return { type: "attempt-done", ...of, finishReason: event.finishReason, tokens: event.usage };
    case "error":
      return {
        type: "attempt-error",
        ...of,
        class: event.failure.class,
        code: event.failure.code,
        reason: event.failure.reason,
      };
  }
}
