// The orchestration contract: a pure function from what happened to what is to
// be done next. No clock, no random, no I/O; replayed from the journal after a
// crash, it gives the same commands with the same ids.
import type { Ballot, Outcome } from "../domain/decision.ts";
import type { AgentId, EventId, MessageId, TurnId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { NanoUsd } from "../domain/money.ts";
import type { DurationUs } from "../domain/time.ts";

/** A seat at the table. */
export interface Participant {
  readonly agent: AgentId;
  /** Display name, as in its card. */
  readonly name: string;
  /** The vendor and model of its own route, for presets that want different ones. */
  readonly vendor: string;
  readonly model: string;
  readonly role?: string;
  readonly weight: number;
}

/** Which earlier answers a turn is shown; the projection turns it into ranges of the journal. */
export type Visibility =
  /** The question and attachments only. */
  | { readonly kind: "blind" }
  /** Everything said so far. */
  | { readonly kind: "all" }
  /** All answers of these rounds, one's own included. */
  | { readonly kind: "rounds"; readonly rounds: readonly number[] }
  /** These answers only, labelled in this order and without their authors' names. */
  | {
      readonly kind: "anonymous";
      readonly answers: readonly { readonly label: string; readonly turnId: TurnId }[];
      /** What reviewers said of these answers on their ballots. */
      readonly reviews?: readonly AnonymousReview[];
    };

/** One reviewer's critiques, which stand in the reply of its turn by the labels that the reviewer was shown. */
export interface AnonymousReview {
  /** For the reviewer, without its name. */
  readonly label: string;
  readonly turnId: TurnId;
  /** The label in `answers` of each label that the reviewer was shown. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What a structured ballot looks like. */
export interface BallotForm {
  readonly kind: "ranking" | "choice";
  /** Labels in the order this voter sees them. */
  readonly options: readonly string[];
  /** Ask for one sentence on each option as well. */
  readonly critiques?: boolean;
  /** Ask whether the voter shares the conclusion of its first choice. */
  readonly agreement?: boolean;
}

export type OrchestrationCommand =
  | {
      readonly type: "ask";
      readonly agent: AgentId;
      readonly round: number;
      readonly instruction: string;
      readonly visibility: Visibility;
      readonly ballot?: BallotForm;
    }
  /** Turns asked but not ended are given up: they are stopped and fail. An answer that came first is logged, never counted. */
  | { readonly type: "close-round"; readonly round: number; readonly reason: string }
  | { readonly type: "end"; readonly outcome: Outcome };

export type OrchestrationEvent =
  | {
      readonly type: "answered";
      readonly turnId: TurnId;
      readonly agent: AgentId;
      readonly round: number;
      readonly messageId: MessageId;
      readonly text: string;
      /** In the labels that this voter was shown. */
      readonly ballot?: Ballot;
      /** By the labels that this voter was shown; only where the form asked for them. */
      readonly critiques?: Readonly<Record<string, string>>;
      /** A fallback route answered. */
      readonly degraded: boolean;
      readonly tokens: number;
    }
  | {
      readonly type: "failed";
      readonly turnId: TurnId;
      readonly agent: AgentId;
      readonly round: number;
      readonly code: string;
      readonly reason: string;
    }
  /** Soft closes a round that has its quorum; hard closes it with what there is. */
  | { readonly type: "round-deadline"; readonly round: number; readonly hard: boolean }
  /**
   * Interrupted: open turns that have started still end, and count; nobody else
   * is to be asked. What is open after that is cancelled.
   */
  | {
      readonly type: "signal";
      readonly signal: "cancelled" | "interrupted" | "budget-exhausted" | "deadline";
      readonly reason: string;
    };

/** A text beside the question; evidence is checked against it. */
export interface SetupAttachment {
  readonly name: string;
  readonly text: string;
}

/** What is known when a conversation starts; never changes. */
export interface OrchestrationSetup {
  readonly question: string;
  readonly attachments: readonly SetupAttachment[];
  readonly participants: readonly Participant[];
  readonly seed: number;
  readonly settings: JsonObject;
  /** Members who were refused in the handshake: part of the quorum's failures. */
  readonly refused: readonly { readonly agent: AgentId; readonly code: string; readonly reason: string }[];
}

/** One setting of an orchestration, as data: it is checked, defaulted and documented from this. */
export type SettingSpec =
  | {
      readonly type: "integer" | "number";
      readonly min: number;
      readonly max: number;
      readonly default: number;
      readonly summary: string;
    }
  | { readonly type: "boolean"; readonly default: boolean; readonly summary: string }
  | { readonly type: "choice"; readonly values: readonly string[]; readonly default: string; readonly summary: string }
  /** A list of texts; a single text is split at `|`, or at commas where it has none. */
  | { readonly type: "list"; readonly itemsMax: number; readonly summary: string };

export type SettingSpecs = Readonly<Record<string, SettingSpec>>;

/** Consumed so far; carried beside each event so that termination needs no clock. */
export interface Consumption {
  readonly elapsedUs: DurationUs;
  readonly costNanoUsd: NanoUsd;
  readonly tokens: number;
  readonly turns: number;
}

export interface OrchestrationStep<S> {
  readonly state: S;
  readonly commands: readonly OrchestrationCommand[];
}

export interface Orchestration<S = unknown> {
  /** What `--as` takes. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  readonly membersMin: number;
  readonly membersMax: number;
  /** What `settings` may hold; anything else is refused with `USAGE` by `turnsMax` and `start`. */
  readonly settings: SettingSpecs;
  /** How many turns it can take at the most with these members and settings; for `--estimate`. */
  turnsMax(setup: OrchestrationSetup): number;
  start(setup: OrchestrationSetup): OrchestrationStep<S>;
  /**
   * `turnIds` of asked turns are given by the kernel, derived from the command
   * that asked; the state may hold them once the event shows them.
   */
  next(state: S, event: OrchestrationEvent, used: Consumption): OrchestrationStep<S>;
}

/** Turns that were open and are not waited for any more. */
export interface GivenUp {
  readonly turnIds: readonly TurnId[];
  readonly code: "CANCELLED" | "DEADLINE";
  readonly reason: string;
}

/** The kernel derives the id of a command from its cause and index, so a replay adds nothing twice. */
export interface IssuedCommand {
  readonly id: EventId;
  readonly command: OrchestrationCommand;
  /** By this command, where there were any. */
  readonly givenUp?: GivenUp;
}
