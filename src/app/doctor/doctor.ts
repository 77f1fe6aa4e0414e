// Looks for what would go wrong later. It changes nothing but an older database,
// which it migrates as every other command would.
import type { Context } from "../context.ts";
import type { DoctorDocument } from "../polylogue.ts";
import { attempt, type Check } from "./check.ts";
import { checkDatabase, checkHome } from "./data.ts";
import { checkClock, checkNode, checkSqlite } from "./machine.ts";
import { checkConfig, checkedCards, checkKeys, checkOnline, checkPrices, checkVariables } from "./settings.ts";

export async function doctor(context: Context, { online }: { readonly online: boolean }): Promise<DoctorDocument> {
  const database = await checkDatabase(context);
  const checks: readonly Check[] = [
    checkNode(process.versions.node),
    await checkSqlite(String(process.versions.sqlite)),
    checkClock(context.clock.nowUs(), database.newestUs),
    await checkHome(context),
    database.check,
    ...(await checkSettings(context, online)),
  ];
  return { schema: "polylogue.doctor/1", ok: checks.every(({ state }) => state !== "fail"), checks };
}

/** A configuration that cannot be read hides what is behind it. */
async function checkSettings(context: Context, online: boolean): Promise<Check[]> {
  const found: Check[] = [];
  const config = await attempt("config", async () => {
    const loaded = await context.config();
    found.push(...checkVariables(context, loaded));
    const factory = await context.factory({ simulated: context.simulated, seed: context.seed });
    const cards = checkedCards(loaded, factory);
    found.push(...(await checkKeys(cards, factory, { online })), ...(await checkPrices(cards, factory)));
    if (online) found.push(...(await checkOnline(cards, factory)));
    return checkConfig(loaded);
  });
  return [config, ...found];
}
