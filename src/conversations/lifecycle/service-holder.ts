// The mesh's service of one conversation, on and off: it runs while members may
// be asked, and is drained or stopped otherwise.
import type { ConversationService, Mesh, ServeRequest } from "../../mesh/mesh.ts";
import type { GivenUp } from "../orchestration.ts";

export interface ServiceHolder {
  /** Starts it unless it runs, and resolves when what a crash left is settled. */
  serve(): Promise<void>;
  /**
   * True when no turn runs. Otherwise lets the running ones end, at most
   * `drainMs`, without being waited for; `onQuiet` is called then.
   */
  quiet(): boolean;
  /** These turns fail; starts the service where it does not run, and it begins none of them again. */
  giveUp(given: GivenUp): Promise<void>;
  /** Running turns are aborted and settled, those that are being drained too. */
  stop(reason: string): Promise<void>;
}

export interface ServiceHolderOptions {
  readonly mesh: Pick<Mesh, "serve">;
  readonly request: ServeRequest;
  readonly drainMs: number;
  onQuiet(): void;
}

export function createServiceHolder({ mesh, request, drainMs, onQuiet }: ServiceHolderOptions): ServiceHolder {
  let service: ConversationService | undefined;
  let draining: Promise<void> | undefined;

  /** Afterwards there is no service, whether it could settle everything or not: what it could not, recovery does. */
  async function drain(drained: ConversationService): Promise<void> {
    try {
      await drained.drain(drainMs);
    } finally {
      if (service === drained) service = undefined;
      draining = undefined;
      onQuiet();
    }
  }

  return {
    async serve() {
      await draining;
      service ??= mesh.serve(request);
      await service.recover();
    },
    quiet() {
      if (service === undefined) return true;
      draining ??= drain(service);
      draining.catch(() => undefined);
      return false;
    },
    async giveUp({ turnIds, code, reason }) {
      // Where a crash left attempts of these turns open, the service's recovery settles them.
      service ??= mesh.serve(request);
      await service.giveUp(turnIds, { class: "transient", code, reason });
    },
    async stop(reason) {
      const stopping = service;
      service = undefined;
      await stopping?.stop(reason);
    },
  };
}
