// The mesh's limits. Each has a finite default; a deployment may set others.
import { PROBE_TIMEOUT_MS } from "../agents/agent.ts";
import { HOPS_MAX_DEFAULT, MESSAGES_LEFT_DEFAULT } from "../domain/envelope.ts";

export interface MeshLimits {
  /** Members of one conversation's view. */
  readonly membersMax: number;
  /** Agents of one home that may be registered at the same time. */
  readonly registryAgentsMax: number;
  readonly heartbeatMs: number;
  /** A port whose lease has run out is suspect. Three missed heartbeats. */
  readonly portLeaseMs: number;
  /** A suspect port is evicted after max(this, 4·log10(n+1)·heartbeat). */
  readonly suspicionMs: number;
  /** Free calls of one agent before its HELLO. */
  readonly probeTimeoutMs: number;
  /** How long one phase of the handshake waits for the last member; grows with the own slowness. */
  readonly confirmTimeoutMs: number;
  /** Between repetitions of a handshake message that may have been lost. */
  readonly resendMs: number;
  /** Between looks at the due deliveries of a conversation, for wake-ups that were lost. */
  readonly sweepMs: number;
  /** Deliveries of one conversation that may wait at the same time. */
  readonly inboxDepthMax: number;
  /** Further starts of one delivery after a crash. */
  readonly redeliveriesMax: number;
  /** How often one anycast may go to another candidate. */
  readonly reroutesMax: number;
  readonly hopsMax: number;
  /** Further messages that a message without a cause may cause. */
  readonly messagesLeftMax: number;
  /** A reply reaches its readers at latest this long after the deadline of its request. */
  readonly replyGraceMs: number;
  /** A probe of a link that takes longer counts as a closed link. */
  readonly linkProbeMs: number;
  /** Probes of links under way at the same time. */
  readonly linkProbesMax: number;
  readonly progressListenersMax: number;
}

export const MESH_LIMITS_DEFAULT: MeshLimits = {
  membersMax: 64,
  registryAgentsMax: 10_000,
  heartbeatMs: 1_000,
  portLeaseMs: 3_000,
  suspicionMs: 5_000,
  probeTimeoutMs: PROBE_TIMEOUT_MS,
  confirmTimeoutMs: 2_000,
  resendMs: 250,
  sweepMs: 250,
  inboxDepthMax: 1_024,
  redeliveriesMax: 3,
  reroutesMax: 6,
  hopsMax: HOPS_MAX_DEFAULT,
  messagesLeftMax: MESSAGES_LEFT_DEFAULT,
  replyGraceMs: 3_600_000,
  linkProbeMs: 5_000,
  linkProbesMax: 256,
  progressListenersMax: 64,
};
