// What the commands stand on. The real ones are in app-services.ts; a test gives
// its own. Everything is loaded when it is first called, so that `--help` is quick.
import type { ConfigDocument, TrustDocument } from "../app/config/config.ts";
import type { PolylogueOptions } from "../app/options.ts";
import type { Attachment, Polylogue } from "../app/polylogue.ts";
import type { FaultPlan } from "../simulators/fault-plan.ts";
import type { LATENCY_PROFILES, SimulatedVendor } from "../simulators/simulator.ts";

export interface Services {
  createPolylogue(options: PolylogueOptions): Promise<Polylogue>;
  readAttachments(paths: readonly string[]): Promise<Attachment[]>;
  explainConfig(options: PolylogueOptions): Promise<ConfigDocument>;
  trustConfig(options: PolylogueOptions & { readonly file?: string }): Promise<TrustDocument>;
  /** Name and one line of each preset that `--as` takes. */
  orchestrations(): Promise<readonly { readonly name: string; readonly summary: string }[]>;
  startSimulators(options: SimulatorServerOptions): Promise<SimulatorServer>;
}

export interface SimulatorServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly seed: number;
  readonly latency: keyof typeof LATENCY_PROFILES;
  readonly faults?: FaultPlan;
}

export interface SimulatorServer {
  readonly vendors: readonly {
    readonly vendor: SimulatedVendor;
    readonly url: string;
    /** What a shell exports so that the vendor's own SDK calls this server; empty where that SDK reads no base URL. */
    readonly environment: Readonly<Record<string, string>>;
  }[];
  close(): Promise<void>;
}
