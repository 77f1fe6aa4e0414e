// Finds in a prompt what is asked, on which documents, and what others said.
import { type Prompt, userText } from "./prompt.ts";

export interface SourceDocument {
  readonly name: string;
  readonly text: string;
}

export interface PeerMessage {
  readonly from: string;
  readonly text: string;
}

/** An answer shown without its author. */
export interface LabelledAnswer {
  readonly label: string;
  readonly text: string;
}

export interface Assignment {
  /** The agent's own name, where the system prompt gives one. */
  readonly agent: string;
  /** The agent's place among those the system prompt names, in the order of their names. */
  readonly seat: number;
  /** How many there are, itself included. */
  readonly seats: number;
  readonly question: string;
  readonly documents: readonly SourceDocument[];
  /** What others said under their names, latest message of each, in the order of the prompt. */
  readonly peers: readonly PeerMessage[];
  /** Answers shown without names, in the order of the prompt. */
  readonly responses: readonly LabelledAnswer[];
  /** What this agent said itself, oldest first. */
  readonly own: readonly string[];
  /** The last user turn without attachments and quoted messages. */
  readonly instruction: string;
}

const BLOCK = /<([a-z][\w-]*)\b([^<>]*)>([\s\S]*?)<\/\1>/gi;
const DOCUMENT_TAGS = new Set(["attachment", "document", "file", "source", "context"]);
const PEER_TAGS = new Set(["message", "answer", "response", "candidate", "peer", "reply"]);
/** A user text longer than this without any mark-up is read as a document with a question at its end. */
const PLAIN_DOCUMENT_CHARS_MIN = 1_200;

interface Block {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

export function assignmentOf(prompt: Prompt): Assignment {
  const text = userText(prompt);
  const blocks = blocksOf(text);
  const agent = agentName(prompt.system) ?? "";
  const documents = documentsOf(blocks);
  const peers = new Map<string, PeerMessage>();
  for (const block of blocks) {
    const from = PEER_TAGS.has(block.tag) ? peerName(block) : undefined;
    if (from === undefined || from === agent) continue;
    peers.delete(from);
    peers.set(from, { from, text: block.text.trim() });
  }
  const lastUser = prompt.messages.findLast((message) => message.role === "user" && message.text !== "");
  const instruction = withoutBlocks(lastUser?.text ?? "");
  const plainDocument = documents.length === 0 ? longText(withoutBlocks(text)) : undefined;
  const members = [...new Set([agent, ...namedPeers(prompt.system)])].sort();
  return {
    agent,
    seat: members.indexOf(agent),
    seats: members.length,
    question: questionOf(prompt, blocks),
    documents: plainDocument === undefined ? documents : [plainDocument],
    peers: [...peers.values()],
    responses: blocks.flatMap(({ tag, attributes: { label }, text: said }) =>
      PEER_TAGS.has(tag) && label !== undefined ? [{ label, text: said.trim() }] : [],
    ),
    own: prompt.messages
      .filter((message) => message.role === "assistant" && message.text.trim() !== "")
      .map((message) => message.text.trim()),
    instruction,
  };
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(BLOCK)].map((match) => ({
    tag: (match[1] as string).toLowerCase(),
    attributes: attributesOf(match[2] as string),
    text: match[3] as string,
  }));
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
  return Object.fromEntries(
    pairs.map((match) => [(match[1] as string).toLowerCase(), unescaped((match[2] ?? match[3]) as string)]),
  );
}

function unescaped(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function withoutBlocks(text: string): string {
  return text.replace(BLOCK, " ").trim();
}

function documentsOf(blocks: readonly Block[]): SourceDocument[] {
  return blocks
    .filter((block) => DOCUMENT_TAGS.has(block.tag) && block.text.trim() !== "")
    .map((block, index) => ({
      name: block.attributes.name ?? block.attributes.title ?? block.attributes.path ?? `document ${index + 1}`,
      text: block.text,
    }));
}

function peerName({ attributes }: Block): string | undefined {
  const name = attributes.from ?? attributes.agent ?? attributes.name;
  return name === undefined || ["user", "coordinator", "system"].includes(name) ? undefined : name;
}

function agentName(system: string): string | undefined {
  return /\byou are ([\p{L}\p{N}][\p{L}\p{N}._-]{0,63})\s*[,.(:]/iu.exec(system)?.[1];
}

function namedPeers(system: string): string[] {
  const names = /\bconversation with ([^;.]+)/i.exec(system)?.[1] ?? "";
  return names.split(/,\s*|\s+and\s+/).filter((name) => name !== "");
}

function longText(text: string): SourceDocument | undefined {
  return text.length >= PLAIN_DOCUMENT_CHARS_MIN ? { name: "the text", text } : undefined;
}

/**
 * The question itself: a `<question>` block or a message of the user's, a line
 * that says `Question:`, else the last sentence of the first user turn that
 * ends in a question mark, else that turn's first line.
 */
function questionOf(prompt: Prompt, blocks: readonly Block[]): string {
  const marked = blocks.find((block) => block.tag === "question" || block.attributes.from === "user");
  if (marked !== undefined) return lastQuestion(marked.text) ?? oneLine(marked.text);
  const turns = prompt.messages
    .filter((message) => message.role === "user")
    .map((message) => withoutBlocks(message.text));
  for (const turn of turns) {
    const labelled = /^[^\S\n]*(?:\W{0,3})question\W{0,3}:\W{0,3}\s*(.+)$/im.exec(turn)?.[1];
    if (labelled !== undefined) return oneLine(labelled);
  }
  const asking = turns.map(lastQuestion).find((found) => found !== undefined);
  return asking ?? oneLine(turns.find((turn) => turn !== "") ?? "").slice(0, 300);
}

/** The last sentence that ends in a question mark and says something. Each character is read once. */
function lastQuestion(text: string): string | undefined {
  for (let end = text.lastIndexOf("?"); end > 0; end = text.lastIndexOf("?", end - 1)) {
    let start = end;
    while (start > 0 && !".!?\n".includes(text.charAt(start - 1))) start -= 1;
    if (text.slice(start, end).trim() !== "") return oneLine(text.slice(start, end + 1));
  }
  return undefined;
}

function oneLine(text: string): string {
  return (text.trim().split("\n")[0] as string).trim();
}
