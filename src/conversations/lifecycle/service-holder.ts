// The mesh's service of one conversation, on and off: it runs while members may
// be asked, and is drained or stopped otherwise.
import type { ConversationService, Mesh, ServeRequest } from "../../mesh/mesh.ts";

export interface ServiceHolder {
  /** Starts it, and resolves what a crash left; nothing when it runs already. */
  serve(): Promise<void>;
  /** Running turns end, at most `drainMs`; no new ones start. */
  drain(): Promise<void>;
  /** Running turns are aborted and settled. */
  stop(reason: string): Promise<void>;
}

export function createServiceHolder(options: {
  readonly mesh: Pick<Mesh, "serve">;
  readonly request: ServeRequest;
  readonly drainMs: number;
}): ServiceHolder {
  let service: ConversationService | undefined;
  const take = (): ConversationService | undefined => {
    const taken = service;
    service = undefined;
    return taken;
  };
  return {
    async serve() {
      if (service !== undefined) return;
      service = options.mesh.serve(options.request);
      await service.recover();
    },
    async drain() {
      const draining = take();
      await draining?.drain(options.drainMs);
      await draining?.stop("drained");
    },
    async stop(reason) {
      await take()?.stop(reason);
    },
  };
}
