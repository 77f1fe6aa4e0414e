// The options of `ask` and `demo`, and the request they make.
import type { Command } from "commander";
import type { AskRequest } from "../../app/polylogue.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { Io } from "../io.ts";
import { agentNames, collectPath, collectSetting, durationMs, seedNumber, usdAboveZero } from "../values.ts";

export interface AskFlags {
  readonly with?: readonly string[];
  readonly as?: string;
  readonly attach?: readonly string[];
  readonly budget?: number;
  readonly continue?: string;
  readonly estimate?: boolean;
  readonly seed?: number;
  readonly deadline?: number;
  readonly set?: Readonly<Record<string, string | number | boolean>>;
  readonly live?: boolean;
}

const QUESTION_BYTES_MAX = 256 * 1024;

export function addAskOptions(command: Command): Command {
  return command
    .option("-w, --with <agents>", "who is asked, for example claude,gemini,deepseek", agentNames)
    .option("-a, --as <orchestration>", "how they talk, for example debate, council or vote")
    .option(
      "-f, --attach <file...>",
      "text, Markdown or source code that they read; give the question before it",
      collectPath,
    )
    .option("-b, --budget <usd>", "hard limit in US dollars for the whole conversation", usdAboveZero)
    .option("--continue <id>", "go on from an ended conversation")
    .option("--estimate", "say what it would cost at the most, and ask nobody")
    .option("--seed <number>", "repeat the order of speakers, and simulated answers", seedNumber)
    .option("--deadline <duration>", "stop after so long, for example 90s or 10m", durationMs)
    .option("--set <name=value>", "a setting of the orchestration, for example rounds=3", collectSetting)
    .option("--no-live", "plain lines instead of live columns");
}

/** The request without what only a running command has (attachments, signal, progress). */
export function requestOf(question: string, flags: AskFlags): AskRequest {
  return {
    question,
    ...(flags.with === undefined ? {} : { with: flags.with }),
    ...(flags.as === undefined ? {} : { as: flags.as }),
    ...(flags.budget === undefined ? {} : { budgetUsd: flags.budget }),
    ...(flags.continue === undefined ? {} : { continueFrom: flags.continue }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    ...(flags.set === undefined ? {} : { settings: flags.set }),
  };
}

/** The argument, else what stdin holds. Never waits for a person to type. */
export async function questionFrom(argument: string | undefined, io: Io): Promise<string> {
  const question = argument ?? (io.stdin.isTTY ? "" : await readQuestion(io));
  if (question.trim() === "") {
    throw new PolylogueError("USAGE", {
      message: "There is no question.",
      mend: 'Give it before the options: polylogue ask "…?" --attach FILE, or pipe it in.',
    });
  }
  return question;
}

async function readQuestion(io: Io): Promise<string> {
  const bytes = await io.stdin.read(QUESTION_BYTES_MAX);
  if (bytes.length > QUESTION_BYTES_MAX) {
    throw new PolylogueError("USAGE", {
      message: `The question on stdin is longer than ${QUESTION_BYTES_MAX} bytes.`,
      mend: "Give a short question, and the long text by --attach.",
    });
  }
  return new TextDecoder().decode(bytes).trim();
}
