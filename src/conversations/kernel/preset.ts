// A preset: an orchestration described by its parts. The staged engine does the
// rest: asking, waiting, deadlines, failures, termination, quorum and the outcome.
import type { Ballot, Dissent } from "../../domain/decision.ts";
import type { AgentId } from "../../domain/ids.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { OrchestrationSetup, SettingSpecs } from "../orchestration.ts";
import type { Settings } from "./settings.ts";
import type { RoundPlan, Table } from "./table.ts";
import type { Condition } from "./termination.ts";

/** What a preset makes of the table. It must cope with a table that was cut short anywhere. */
export interface Conclusion {
  readonly rule: string;
  /** Whether something was decided, or a preset without a vote reached its end. */
  readonly isDecided: boolean;
  readonly winner: string | null;
  readonly answer: string | null;
  readonly tallies: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
  readonly ballots: readonly Ballot[];
  readonly dissent: readonly Dissent[];
  /** Whose answers carry the result, best first: their quotes are looked up first. */
  readonly authors: readonly AgentId[];
  /** Present when a lesser procedure stood in, for example a ranking without its chair. */
  readonly degradedBecause?: string;
  readonly extra?: JsonObject;
}

export interface Preset {
  readonly name: string;
  readonly summary: string;
  readonly membersMin: number;
  readonly membersMax: number;
  /** Its own settings; the common ones are added. */
  readonly settings: SettingSpecs;
  turnsMax(setup: OrchestrationSetup, settings: Settings): number;
  /** Ends the discussion; what has to be decided after it is then planned. Joined by `any` with the common limits. */
  termination(setup: OrchestrationSetup, settings: Settings): Condition;
  /** The next round, or undefined when there is nothing more to ask. */
  plan(table: Table): RoundPlan | undefined;
  conclude(table: Table): Conclusion;
}
