// Runs one port's machine for one conversation: listens on the bus, repeats what
// may have been lost, and tells what the port holds.
import type { ConversationId } from "../../domain/ids.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { CancelTimer, Clock } from "../../platform/clock.ts";
import type { Bus } from "../bus/bus.ts";
import { coordinatorSubject, portSubject } from "../bus/subjects.ts";
import { type PortInput, type PortState, startPort, stepPort } from "./port-machine.ts";
import type { CoordinatorMessage, PortAddress, PortProfile } from "./protocol.ts";
import type { HeldView } from "./view.ts";

export interface PortDriverOptions {
  readonly conversationId: ConversationId;
  readonly address: PortAddress;
  readonly profile: PortProfile;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly resendMs: number;
}

export interface PortDriver {
  /** Says HELLO, or HELLO again. */
  begin(profile: PortProfile): void;
  leave(): void;
  state(): PortState;
  held(): HeldView;
  /** Resolves when this port has installed the epoch; stays open while it has not. */
  installed(epoch: number): Promise<void>;
  /** Falls silent, as after a crash. */
  close(): void;
}

export function createPortDriver(options: PortDriverOptions): PortDriver {
  const { bus, clock, conversationId, address } = options;
  let state = startPort(address, options.profile);
  let cancel: CancelTimer | undefined;
  const waiting = new Set<() => void>();

  function feed(input: PortInput): void {
    const step = stepPort(state, input);
    state = step.state;
    for (const message of step.sends) {
      bus.publish(coordinatorSubject(conversationId), message as unknown as JsonValue);
    }
    for (const check of waiting) check();
    schedule();
  }

  /** Only an unfinished handshake repeats itself; a port at rest is silent. */
  function schedule(): void {
    cancel?.();
    cancel = undefined;
    if (!["hello-sent", "welcomed", "confirmed"].includes(state.phase)) return;
    cancel = clock.setTimer(options.resendMs, () => feed({ type: "resend" }));
  }

  const unsubscribe = bus.subscribe(portSubject(conversationId, address), (message) =>
    feed({ type: "message", message: message as unknown as CoordinatorMessage }),
  );

  return {
    begin: (profile) => feed({ type: "begin", profile }),
    leave: () => feed({ type: "leave" }),
    state: () => state,
    held: () => ({ ...address, installed: state.installed, active: !["evicted", "left"].includes(state.phase) }),
    installed(epoch) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const check = (): void => {
        if ((state.installed?.epoch ?? 0) < epoch) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
      return promise;
    },
    close() {
      unsubscribe();
      cancel?.();
      waiting.clear();
    },
  };
}
