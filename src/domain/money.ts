// Money is integer nano-USD. A JavaScript number holds it exactly up to about
// nine million dollars, far above any budget a conversation can have.

/** 10⁻⁹ US dollars, an integer. */
export type NanoUsd = number;

export const NANO_PER_USD = 1_000_000_000;

/** Rounds up, so that an estimate never falls below the true price. */
export function nanoFromUsd(usd: number): NanoUsd {
  return Math.ceil(Number((usd * NANO_PER_USD).toFixed(3)));
}

export function usdFromNano(nano: NanoUsd): number {
  return nano / NANO_PER_USD;
}
