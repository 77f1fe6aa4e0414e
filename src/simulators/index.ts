// Polylogue's vendor simulators, for anybody's tests: `polylogue/simulators`.
export { type Clock, createSystemClock } from "../platform/clock.ts";
export { createVirtualClock, type VirtualClock } from "../platform/virtual-clock.ts";
export { createAnthropicSimulator } from "./anthropic/simulator.ts";
export { createDeepSeekSimulator } from "./deepseek/simulator.ts";
export {
  DEFAULT_FAULT_WEIGHTS,
  FAULT_KINDS,
  type FaultKind,
  type FaultPlan,
  type VendorFaultPlan,
} from "./fault-plan.ts";
export { createGoogleSimulator } from "./google/simulator.ts";
export { createOpenAiSimulator } from "./openai/simulator.ts";
export { createSimulators } from "./routing-fetch.ts";
export { type ServedSimulators, serveSimulators } from "./serve.ts";
export {
  LATENCY_PROFILES,
  type LatencyProfile,
  type RateLimits,
  SIMULATED_HEADER,
  SIMULATED_VENDORS,
  type SimulatedCall,
  type SimulatedCalls,
  type SimulatedVendor,
  type SimulatorHandler,
  type SimulatorOptions,
  type Simulators,
  type VendorSimulator,
} from "./simulator.ts";
