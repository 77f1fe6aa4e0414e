// Finding many texts in one, in a single pass: Aho and Corasick (1975),
// "Efficient string matching: an aid to bibliographic search". The time grows
// with the texts' lengths alone, also for texts made to be slow to search.

/** Where each pattern first begins in the text, −1 where it does not occur. Empty patterns do not. */
export type TextSearch = (text: string) => readonly number[];

export function createTextSearch(patterns: readonly string[]): TextSearch {
  const trie = trieOf(patterns);
  const { failure, shorter } = linksOf(trie);
  return (text) => {
    const found = patterns.map(() => -1);
    const seen = new Set<number>();
    let node = ROOT;
    for (let at = 0; at < text.length; at++) {
      node = follow(trie, failure, { node, unit: text.charCodeAt(at) });
      // Where a node was seen before, the shorter ones were seen with it.
      for (let end = node; end !== ROOT && !seen.has(end); end = shorter[end] as number) {
        seen.add(end);
        const { ending } = trie.nodes[end] as TrieNode;
        for (const place of ending) found[place] = at + 1 - (patterns[place] as string).length;
      }
    }
    return found;
  };
}

const ROOT = 0;
/** How many values a UTF-16 unit has: a node and a unit make one key. */
const UNITS = 65_536;

interface TrieNode {
  readonly parent: number;
  readonly unit: number;
  readonly depth: number;
  /** The patterns that end here, by their place. */
  readonly ending: number[];
}

interface Trie {
  readonly children: Map<number, number>;
  readonly nodes: TrieNode[];
}

function trieOf(patterns: readonly string[]): Trie {
  const trie: Trie = { children: new Map(), nodes: [{ parent: ROOT, unit: 0, depth: 0, ending: [] }] };
  for (const [place, pattern] of patterns.entries()) {
    let node = ROOT;
    for (let at = 0; at < pattern.length; at++) node = childOf(trie, node, pattern.charCodeAt(at));
    trie.nodes[node]?.ending.push(place);
  }
  return trie;
}

function childOf({ children, nodes }: Trie, parent: number, unit: number): number {
  const key = parent * UNITS + unit;
  const known = children.get(key);
  if (known !== undefined) return known;
  const child = nodes.length;
  children.set(key, child);
  nodes.push({ parent, unit, depth: (nodes[parent] as TrieNode).depth + 1, ending: [] });
  return child;
}

interface Links {
  /** Of each node: where to go on when its text cannot be continued, the longest end of it that begins a pattern. */
  readonly failure: readonly number[];
  /** Of each node: the nearest along its failures at which a pattern ends; the root where there is none. */
  readonly shorter: readonly number[];
}

function linksOf(trie: Trie): Links {
  const { nodes } = trie;
  const failure = nodes.map(() => ROOT);
  const shorter = nodes.map(() => ROOT);
  // Shallow nodes first, for a failure leads to a shallower one; those next to the root fail to the root.
  const deeper = [...nodes.entries()].filter(([, { depth }]) => depth > 1).sort(([, a], [, b]) => a.depth - b.depth);
  for (const [node, { parent, unit }] of deeper) {
    const link = follow(trie, failure, { node: failure[parent] as number, unit });
    failure[node] = link;
    shorter[node] = (nodes[link] as TrieNode).ending.length > 0 ? link : (shorter[link] as number);
  }
  return { failure, shorter };
}

function follow(
  { children }: Trie,
  failure: readonly number[],
  from: { readonly node: number; readonly unit: number },
): number {
  for (let { node } = from; ; node = failure[node] as number) {
    const child = children.get(node * UNITS + from.unit);
    if (child !== undefined) return child;
    if (node === ROOT) return ROOT;
  }
}
