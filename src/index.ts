// The public surface of `import … from "polylogue"`, written by hand. What is
// not named here is internal and may change in any release.

// For authors of agents.
export type {
  Agent,
  AgentCallOptions,
  AgentEvent,
  AgentProbe,
  AgentRequest,
  AnswerFormat,
  FinishReason,
  HistoryTurn,
  RateLimitState,
  RouteCosting,
  ToolOffer,
} from "./agents/agent.ts";
export {
  createScriptedAgent,
  type ScriptedAgent,
  type ScriptedAgentOptions,
} from "./agents/scripted/scripted-agent.ts";
export { createFlatCosting, type FlatPrices, scriptedCard } from "./agents/scripted/scripted-card.ts";
// Attachments from files.
export { readAttachment, readAttachments } from "./app/attachments.ts";
export type {
  AgentConfig,
  Config,
  ConfigDocument,
  ConfigEntry,
  ConfigInput,
  ConfigOrigin,
  PriceConfig,
  VendorConfig,
} from "./app/config/config.ts";
export { explainConfig } from "./app/config/explain.ts";
// Using Polylogue.
export { createPolylogue } from "./app/create-polylogue.ts";
// Its configuration.
export type { Environment } from "./app/environment.ts";
export type { PolylogueOptions, SimulatedLatency } from "./app/options.ts";
export type { OwnAgent } from "./app/own-agents.ts";
export type {
  AgentsDocument,
  AskDocument,
  AskRequest,
  Attachment,
  AttemptDocument,
  ConversationDocument,
  ConversationListDocument,
  Conversations,
  CostsDocument,
  DeadDocument,
  DeliveryDocument,
  DoctorDocument,
  EstimateDocument,
  HandshakeDocument,
  MessageDocument,
  Polylogue,
  ResumeDocument,
} from "./app/polylogue.ts";
// For authors of orchestrations.
export type {
  BallotForm,
  Consumption,
  Orchestration,
  OrchestrationCommand,
  OrchestrationEvent,
  OrchestrationSetup,
  OrchestrationStep,
  Participant,
  Visibility,
} from "./conversations/orchestration.ts";
// The vocabulary.
export type { AgentCapabilities, AgentCard, AgentLimits, PortKind, Route } from "./domain/agent-card.ts";
export type {
  Ballot,
  ConversationOutcome,
  ConversationStatus,
  Decision,
  Dissent,
  Evidence,
  Outcome,
  Quorum,
  QuorumFailure,
} from "./domain/decision.ts";
export type { Address, DeliveryMode, DeliveryState, Envelope, Intent, MessageRef, Trust } from "./domain/envelope.ts";
export type { ErrorCode, ErrorDetail, ExitKind } from "./domain/errors.ts";
// Errors.
export { ERRORS, EXIT_CODES, isErrorCode, isPolylogueError, PolylogueError } from "./domain/errors.ts";
export type { Failure, FailureClass } from "./domain/failure.ts";
export type {
  AgentId,
  AttemptId,
  ConversationId,
  EventId,
  MessageId,
  Skill,
  StreamId,
  TurnId,
  Uuid,
} from "./domain/ids.ts";
export type {
  JournalEvent,
  JournalEventData,
  JournalEventOf,
  JournalEventStamp,
  JournalKind,
} from "./domain/journal-event.ts";
export type { JsonObject, JsonPrimitive, JsonValue } from "./domain/json.ts";
export type { NanoUsd } from "./domain/money.ts";
export type {
  AttachmentPart,
  DataPart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "./domain/part.ts";
export type { DurationUs, TimestampUs } from "./domain/time.ts";
export type { TraceContext } from "./domain/trace.ts";
export type { TokenUsage } from "./domain/usage.ts";
export type { Progress } from "./mesh/mesh.ts";
export type { CancelTimer, Clock } from "./platform/clock.ts";
export { createSystemClock } from "./platform/clock.ts";
export type { Log, LogFields, LogLevel, LogOptions } from "./platform/log.ts";
// Its log.
export { createLog } from "./platform/log.ts";
export type { Redactor } from "./platform/redaction.ts";
export { createRedactor } from "./platform/redaction.ts";
export { createVirtualClock, type VirtualClock } from "./platform/virtual-clock.ts";

// For authors of stores.
export type {
  DocumentQuery,
  EventQuery,
  Lease,
  LeaseRequest,
  Store,
  StoredBody,
  StoredDocument,
  StoreReader,
  StoreTransaction,
} from "./storage/store.ts";
