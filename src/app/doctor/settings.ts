// Checks of what the user set: configuration, variables, agents, keys, prices.
import { type AgentCard, ownRoute } from "../../domain/agent-card.ts";
import { suggestion } from "../../domain/near-names.ts";
import type { AgentFactory } from "../agent-factory.ts";
import { testAgents } from "../agent-list.ts";
import { cardsOf } from "../ask.ts";
import type { LoadedConfig } from "../config/config.ts";
import { unknownVariables } from "../config/config-environment.ts";
import type { Context } from "../context.ts";
import { vendorRecords } from "../vendor-records.ts";
import { attempt, type Check, fail, ok, warn } from "./check.ts";

export function checkConfig({ files }: LoadedConfig): Check {
  return ok("config", files.length === 0 ? "defaults (there is no polylogue.yaml)" : files.join(", "));
}

/** A mistyped name would otherwise be passed over in silence. */
export function checkVariables({ environment }: Pick<Context, "environment">, { config }: LoadedConfig): Check[] {
  const { unknown, known } = unknownVariables(environment, [...vendorRecords(config).keys()]);
  return unknown.map((name) =>
    warn(
      "environment",
      `Nothing reads the variable ${name}. ${suggestion(name, known)}`,
      "Correct the name, or unset it.",
    ),
  );
}

/** Those that a question goes to when nobody is named. */
export function checkedCards({ config }: LoadedConfig, factory: AgentFactory): AgentCard[] {
  return cardsOf(config.ask.with, config, factory);
}

/** One missing key is a warning, as the others go on; none at all is a failure. */
export async function checkKeys(cards: readonly AgentCard[], factory: AgentFactory): Promise<Check[]> {
  const states = await Promise.all(cards.map(async (card) => ({ card, state: await factory.findKeys(card) })));
  const isAnySet = states.some(({ state }) => state.state !== "missing");
  return states.map(({ card, state }) => {
    const name = `key ${card.id}`;
    if (state.state === "set") return ok(name, `set, from ${state.where}`);
    if (state.state === "missing") return (isAnySet ? warn : fail)(name, state.reason, state.mend);
    return ok(name, "not needed");
  });
}

export function checkPrices(cards: readonly AgentCard[], factory: AgentFactory): Promise<Check[]> {
  return Promise.all(
    cards.map((card) =>
      attempt(`price ${card.id}`, () => {
        const { vendor, model } = ownRoute(card);
        const known = factory.costing({ vendor, model }).costMaxNanoUsd(1, 1) !== undefined;
        if (known) return ok(`price ${card.id}`, `${vendor}:${model} is priced`);
        const mend = `Give it in the configuration, under vendors.${vendor}.prices.`;
        return fail(`price ${card.id}`, `The price of ${vendor}:${model} is not known, so it cannot be asked.`, mend);
      }),
    ),
  );
}

/** Free calls. */
export async function checkOnline(cards: readonly AgentCard[], factory: AgentFactory): Promise<Check[]> {
  const { agents } = await testAgents(cards, factory, new AbortController().signal);
  return agents.flatMap(({ id, state, reason, vendor, model }) => {
    if (state === "no-key") return [];
    if (state === "ok") return [ok(`call ${id}`, `${vendor} has ${model}`)];
    return [fail(`call ${id}`, String(reason), "Mend what is named, or leave the agent out.")];
  });
}
