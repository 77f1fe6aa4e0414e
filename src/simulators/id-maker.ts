// Ids that look like a vendor's and follow from the seed.
import type { Random } from "../platform/random.ts";
import type { IdMaker } from "./vendor-grammar.ts";

const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX = "0123456789abcdef";

export function createIdMaker(random: Random): IdMaker {
  const token = (length: number, alphabet = ALPHANUMERIC): string => {
    let text = "";
    for (let index = 0; index < length; index++) text += alphabet.charAt(random.integer(alphabet.length));
    return text;
  };
  return {
    token,
    uuid: () =>
      `${token(8, HEX)}-${token(4, HEX)}-4${token(3, HEX)}-${token(1, "89ab")}${token(3, HEX)}-${token(12, HEX)}`,
  };
}
