// The composition root's front: each call loads what it needs when it is first
// made, so that a program that only looks something up starts quickly.
import { type Context, createContext } from "./context.ts";
import type { PolylogueOptions } from "./options.ts";
import type { Conversations, Polylogue } from "./polylogue.ts";

/**
 * A Polylogue over a home folder. It reads no file and needs no key before the
 * first call that wants them, which also says what is wrong with them.
 */
export function createPolylogue(options: PolylogueOptions = {}): Promise<Polylogue> {
  const context = createContext(options);
  return Promise.resolve({
    ask: async (request) => (await import("./ask.ts")).ask(context, request),
    estimate: async (request) => (await import("./ask.ts")).estimate(context, request),
    handshake: async (shaking) => (await import("./handshake.ts")).handshake(context, shaking),
    conversations: createConversationCalls(context),
    agents: {
      list: async () => (await import("./agents.ts")).list(context),
      test: async (ids) => (await import("./agents.ts")).test(context, ids),
    },
    costs: async ({ by = "agent", simulated = false } = {}) => {
      const { readCosts } = await import("./costs.ts");
      return readCosts(await context.journal(), { by, simulated });
    },
    doctor: async ({ online = false } = {}) => (await import("./doctor/doctor.ts")).doctor(context, { online }),
    close: context.close,
  });
}

function createConversationCalls(context: Context): Conversations {
  const load = () => import("./conversations.ts");
  return {
    list: async ({ limit } = {}) => (await load()).list(context, limit),
    show: async (id) => (await load()).show(context, id),
    tail: async function* (id, options) {
      yield* (await load()).tail(context, id, options);
    },
    resume: async (ids, options = {}) => (await import("./resume.ts")).resume(context, ids, options),
    cancel: async (id, reason) => (await load()).cancel(context, id, reason),
    send: async (id, text, to) => (await load()).send(context, { id, text, ...(to === undefined ? {} : { to }) }),
    dead: async (id) => (await load()).dead(context, id),
    exportMarkdown: async (id) => (await load()).markdown(context, id),
  };
}
