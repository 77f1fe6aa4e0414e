// The random seam: one seeded source gives the same numbers on every machine.
import { randomBytes } from "node:crypto";

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). `below` ≥ 1. */
  integer(below: number): number;
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
  /** An independent source, the same for the same parent seed and label whatever was drawn before. */
  fork(label: string): Random;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded through FNV-1a over the seed's text. Not for secrets. */
export function createSeededRandom(seed: number | string): Random {
  const text = String(seed);
  let a = fnv1a(text, 0x811c9dc5);
  let b = fnv1a(text, a ^ 0x9e3779b9);
  let c = fnv1a(text, b ^ 0x85ebca6b);
  let d = 1;
  function draw(): number {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  }
  for (let round = 0; round < 15; round++) draw();
  return {
    next: () => draw() / 2 ** 32,
    integer: (below) => Math.floor((draw() / 2 ** 32) * below),
    bytes: (count) => Uint8Array.from({ length: count }, () => draw() & 0xff),
    fork: (label) => createSeededRandom(`${text}/${label}`),
  };
}

/** Asking the operating system costs microseconds however little is wanted, so it is asked for this much at once. */
const POOL_BYTES = 4_096;

/** The operating system's source: for ids and tokens. */
export function createSystemRandom(): Random {
  let pool = new Uint8Array(0);
  let used = 0;

  /** Bytes are given out once and then overwritten, so that nobody can read a token's bytes out of the pool later. */
  function bytes(count: number): Uint8Array {
    if (count > POOL_BYTES) return new Uint8Array(randomBytes(count));
    if (used + count > pool.length) {
      pool = new Uint8Array(randomBytes(POOL_BYTES));
      used = 0;
    }
    const taken = pool.slice(used, used + count);
    pool.fill(0, used, used + count);
    used += count;
    return taken;
  }

  const source: Random = {
    next: () => Buffer.from(bytes(6)).readUIntBE(0, 6) / 2 ** 48,
    integer: (below) => Math.floor(source.next() * below),
    bytes,
    fork: () => source,
  };
  return source;
}

/** A new array in random order (Fisher–Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.integer(index + 1);
    const held = result[index] as T;
    result[index] = result[other] as T;
    result[other] = held;
  }
  return result;
}

function fnv1a(text: string, start: number): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}
