// Ids of tool calls: every vendor has its own idea of what one looks like, and
// some vendors send none.
import { canonicalJson } from "../../domain/json.ts";
import { sha256 } from "../../platform/hash.ts";
import type { AgentRequest } from "../agent.ts";
import type { ModelPolicy } from "../policy.ts";

/** The id itself where the model accepts it; else one made from it, the same in call and result. */
export function callIdFor(callId: string, policy: ModelPolicy): string {
  if (new RegExp(policy.toolCallIdPattern).test(callId)) return callId;
  return sha256(callId).slice(0, CALL_ID_CHARS);
}

/** Nine letters and digits: the shortest length that any vendor insists on. */
const CALL_ID_CHARS = 9;

/** Ids for calls that came without one: new for each request, the same when it is replayed. */
export function callIdSource(request: AgentRequest): () => string {
  let prefix: string | undefined;
  let count = 0;
  return () => {
    prefix ??= sha256(canonicalJson([request.sessionKey, request.route, request.history])).slice(0, 16);
    return `call_${prefix}_${count++}`;
  };
}
