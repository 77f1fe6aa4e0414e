// Money is integer nano-USD. A JavaScript number holds it exactly up to about
// nine million dollars, far above any budget a conversation can have.

/** 10⁻⁹ US dollars, an integer. */
export type NanoUsd = number;

export const NANO_PER_USD = 1_000_000_000;

/**
 * Rounds up, so that an estimate never falls below the true price. Works on 15
 * decimal digits, because the binary product of a price and 10⁹ can lie just
 * above the true integer.
 */
export function nanoFromUsd(usd: number): NanoUsd {
  const [digits, exponent] = usd.toExponential(14).split("e");
  return Math.ceil(Number(`${digits}e${Number(exponent) + 9}`));
}

/** `$0.015234`, rounded up to a millionth: a budget of what it says is enough. */
export function usdText(nano: NanoUsd): string {
  return `$${(Math.ceil(nano / 1_000) / 1_000_000).toFixed(6)}`;
}

export function usdFromNano(nano: NanoUsd): number {
  return nano / NANO_PER_USD;
}
