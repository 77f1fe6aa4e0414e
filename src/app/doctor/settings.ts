// Checks of what the user set: configuration, variables, agents, keys, prices.
import { type AgentCard, ownRoute } from "../../domain/agent-card.ts";
import { suggestion } from "../../domain/near-names.ts";
import type { AgentFactory } from "../agent-factory.ts";
import { testAgents } from "../agent-list.ts";
import { cardsOf } from "../ask.ts";
import type { LoadedConfig } from "../config/config.ts";
import { unreadVariables } from "../config/unread-variables.ts";
import type { Context } from "../context.ts";
import { attempt, type Check, fail, ok, warn } from "./check.ts";

export function checkConfig({ files }: LoadedConfig): Check {
  return ok("config", files.length === 0 ? "defaults (there is no polylogue.yaml)" : files.join(", "));
}

/** What looks like a setting is refused already; of the rest somebody may expect that it is read. */
export function checkVariables({ environment }: Pick<Context, "environment">, { config }: LoadedConfig): Check[] {
  const { unread, known } = unreadVariables(environment, config);
  return unread.map((name) =>
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

/** A key that is set may still be a wrong one: only its vendor can tell. */
const UNTRIED = "not tried yet: polylogue agents test, or doctor --online";

/** One missing key is a warning, as the others go on; none at all is a failure. */
export async function checkKeys(
  cards: readonly AgentCard[],
  factory: AgentFactory,
  { online }: { readonly online: boolean },
): Promise<Check[]> {
  const states = await Promise.all(cards.map(async (card) => ({ card, state: await factory.findKeys(card) })));
  const isAnySet = states.some(({ state }) => state.state !== "missing");
  return states.map(({ card, state }) => {
    const name = `key ${card.id}`;
    if (state.state === "set") return ok(name, `set, from ${state.where}${online ? "" : `; ${UNTRIED}`}`);
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
