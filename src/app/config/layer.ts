// One layer of the configuration, and how layers become one: the strongest
// layer that says anything about a value decides it, and is its origin.
import type { Config, ConfigEntry, ConfigInput, ConfigOrigin, ConfigSource } from "./config.ts";

export type ConfigPath = readonly (string | number)[];

export interface ConfigLayer {
  readonly source: ConfigSource;
  readonly value: ConfigInput;
  /** Where the layer says it: `file:line`, a variable's name. */
  where(path: ConfigPath): string | null;
}

type Leaf = ConfigEntry["value"];

interface MergedLeaf {
  readonly path: readonly string[];
  readonly value: Leaf;
  readonly origin: ConfigOrigin;
}

export interface MergedConfig {
  readonly config: Config;
  readonly entries: readonly ConfigEntry[];
}

/**
 * `layers` from the weakest to the strongest; the weakest is complete. Lists are
 * taken whole. An agent that names its vendor is a new agent: it inherits
 * nothing from a weaker one of the same id.
 */
export function mergeLayers(layers: readonly ConfigLayer[]): MergedConfig {
  const leaves = new Map<string, MergedLeaf>();
  for (const layer of layers) {
    for (const [id, agent] of Object.entries(layer.value.agents ?? {})) {
      if (agent.vendor !== undefined) dropAgent(leaves, id);
    }
    for (const { path, value } of leavesOf(layer.value)) {
      if (path[0] === "$schema") continue;
      leaves.set(JSON.stringify(path), { path, value, origin: { source: layer.source, where: layer.where(path) } });
    }
  }
  const merged = [...leaves.values()];
  const entries = merged
    .map(({ path, value, origin }) => ({ path: path.join("."), value, origin }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { config: assemble(merged), entries };
}

function dropAgent(leaves: Map<string, MergedLeaf>, id: string): void {
  for (const [key, { path }] of leaves) {
    if (path[0] === "agents" && path[1] === id) leaves.delete(key);
  }
}

function* leavesOf(value: object, path: readonly string[] = []): Generator<{ path: readonly string[]; value: Leaf }> {
  for (const [key, inner] of Object.entries(value) as [string, object | Leaf | undefined][]) {
    if (inner === undefined) continue;
    const here = [...path, key];
    if (typeof inner === "object" && !Array.isArray(inner)) yield* leavesOf(inner, here);
    else yield { path: here, value: inner as Leaf };
  }
}

/** Safe because each layer passed the grammar and the weakest one is complete. */
function assemble(leaves: readonly MergedLeaf[]): Config {
  const root: Record<string, unknown> = { agents: {}, vendors: {} };
  for (const { path, value } of leaves) {
    let at = root;
    for (const key of path.slice(0, -1)) {
      if (!Object.hasOwn(at, key)) at[key] = {};
      at = at[key] as Record<string, unknown>;
    }
    at[path.at(-1) as string] = value;
  }
  return root as unknown as Config;
}
