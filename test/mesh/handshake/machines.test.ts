// The two machines, message by message, where the bus's luck would decide.
import { describe, expect, it } from "vitest";
import {
  type CoordinatorInput,
  type CoordinatorState,
  startCoordinator,
  stepCoordinator,
} from "../../../src/mesh/handshake/coordinator-machine.ts";
import { type PortInput, type PortState, startPort, stepPort } from "../../../src/mesh/handshake/port-machine.ts";
import type { PortMessage, PortProfile, View } from "../../../src/mesh/handshake/protocol.ts";
import { commonFeatures, commonVersion } from "../../../src/mesh/handshake/view.ts";

const PROFILE: PortProfile = {
  versions: { min: 1, max: 1 },
  cardDigest: "card",
  features: ["streaming", "tools"],
  problems: [],
  simulated: true,
};

function hello(
  agent: string,
  overrides: { incarnation?: number; nonce?: number; profile?: Partial<PortProfile> } = {},
) {
  const { incarnation = 1, nonce = 1, profile = {} } = overrides;
  const message: PortMessage = {
    type: "HELLO",
    from: { agent, incarnation },
    nonce,
    profile: { ...PROFILE, ...profile },
  };
  return { type: "message", message } as const;
}

function confirm(agent: string, view: View): CoordinatorInput {
  const { epoch, digest } = view;
  return { type: "message", message: { type: "CONFIRM", from: { agent, incarnation: 1 }, epoch, digest } };
}

function convened(agents: string[], requirements: Partial<CoordinatorState["requirements"]> = {}): CoordinatorState {
  const start = startCoordinator({ epoch: 0, installed: undefined });
  return stepCoordinator(start, { type: "convene", agents, requirements: { membersMax: 64, ...requirements } }).state;
}

function feed(state: CoordinatorState, ...inputs: CoordinatorInput[]) {
  let step = stepCoordinator(state, { type: "resend" });
  for (const input of inputs) step = stepCoordinator(step.state === state ? state : step.state, input);
  return step;
}

function installed(agents: string[]): CoordinatorState {
  const { state } = feed(convened(agents), ...agents.map((agent) => hello(agent)));
  return feed(state, ...agents.map((agent) => confirm(agent, state.proposal as View))).state;
}

describe("the coordinator", () => {
  it("answers nobody before it has convened", () => {
    const start = startCoordinator({ epoch: 3, installed: undefined });
    expect(stepCoordinator(start, hello("a"))).toEqual({ state: start, facts: [], sends: [] });
    expect(stepCoordinator(start, { type: "deadline" }).facts).toEqual([]);
  });

  it.each([
    [{ profile: { versions: { min: 2, max: 3 } } }, {}, "VERSION"],
    [{}, { features: ["tools", "time-travel"] }, "CAPABILITY"],
    [{}, { membersMax: 0 }, "FULL"],
  ])("refuses %j by %j with %s", (overrides, requirements, code) => {
    const { facts, sends } = feed(convened(["a"], requirements), hello("a", overrides));
    expect(facts).toMatchObject([{ type: "refused", agent: "a", problem: { code } }]);
    expect(sends).toMatchObject([{ type: "REFUSE", problem: { code } }]);
  });

  it("says a refusal again to the same HELLO, and records it once", () => {
    const { state } = feed(convened(["a"], { membersMax: 0 }), hello("a"));
    const again = feed(convenedAgain(state), hello("a"));
    expect(again.facts).toEqual([]);
    expect(again.sends).toMatchObject([{ type: "REFUSE", problem: { code: "FULL" } }]);
  });

  function convenedAgain(state: CoordinatorState): CoordinatorState {
    return stepCoordinator(state, { type: "convene", agents: ["a"], requirements: { membersMax: 0 } }).state;
  }

  it("refuses the ghost of a port that came back", () => {
    const { state } = feed(convened(["a", "b"]), hello("a", { incarnation: 2 }));
    const { sends, state: after } = feed(state, hello("a", { incarnation: 1, nonce: 9 }));
    expect(sends).toMatchObject([{ type: "REFUSE", problem: { code: "STALE_INC" } }]);
    expect(after).toBe(state);
  });

  it("sends the roster again to who repeats its HELLO, confirms nothing or beats", () => {
    const { state } = feed(convened(["a", "b"]), hello("a"), hello("b"));
    expect(feed(state, hello("a")).sends).toMatchObject([{ type: "ROSTER" }]);
    expect(stepCoordinator(state, { type: "resend" }).sends).toHaveLength(2);
    const beat = { type: "HEARTBEAT", from: { agent: "a", incarnation: 1 }, nonce: 1, epoch: 0 } as const;
    expect(feed(state, { type: "message", message: beat }).sends).toMatchObject([{ type: "ROSTER" }]);
  });

  it("sends the installed view again to a member behind, and nothing to one at rest", () => {
    const state = installed(["a", "b"]);
    const beat = (agent: string, epoch: number): CoordinatorInput => ({
      type: "message",
      message: { type: "HEARTBEAT", from: { agent, incarnation: 1 }, nonce: 1, epoch },
    });
    expect(feed(state, beat("a", 0)).sends).toMatchObject([{ type: "ROSTER" }, { type: "INSTALL" }]);
    expect(feed(state, beat("a", 1)).sends).toEqual([]);
    expect(feed(state, beat("stranger", 1)).sends).toMatchObject([{ type: "EVICT" }]);
    expect(feed(state, confirm("a", state.installed as View)).sends).toMatchObject([{ type: "INSTALL" }]);
    expect(feed(state, { type: "deadline" }).facts).toEqual([]);
    expect(feed(convened(["a"]), beat("a", 0)).sends).toEqual([]);
    const half = feed(convened(["a", "b"]), hello("a"));
    expect(feed(half.state, beat("a", 0)).sends).toEqual([]);
  });

  it("goes on without who confirms nothing, in the next epoch", () => {
    const { state } = feed(convened(["a", "b"]), hello("a"), hello("b"));
    const half = feed(state, confirm("a", state.proposal as View));
    const { facts, sends } = feed(half.state, { type: "deadline" });
    expect(facts).toMatchObject([
      { type: "departed", agent: "b", reason: "silent" },
      { type: "proposed", view: { epoch: 2, members: [{ agent: "a" }] } },
    ]);
    expect(sends.map((message) => message.type)).toEqual(["EVICT", "ROSTER"]);
  });

  it("ignores a CONFIRM of another epoch, another digest or a stranger", () => {
    const { state } = feed(convened(["a"]), hello("a"));
    const view = state.proposal as View;
    for (const wrong of [
      { ...view, epoch: 9 },
      { ...view, digest: "other" },
    ]) {
      expect(feed(state, confirm("a", wrong)).state).toBe(state);
    }
    expect(feed(state, confirm("stranger", view)).state).toBe(state);
  });

  it("opens the next epoch for a port that is back, and for one that leaves", () => {
    const state = installed(["a", "b"]);
    const back = feed(state, hello("a", { incarnation: 2 }));
    expect(back.facts).toMatchObject([{ type: "proposed", view: { epoch: 2, members: [{ incarnation: 2 }, {}] } }]);
    const leave = (incarnation: number): CoordinatorInput => ({
      type: "message",
      message: { type: "LEAVE", from: { agent: "a", incarnation } },
    });
    expect(feed(state, leave(1)).facts).toMatchObject([{ type: "departed", reason: "left" }, { type: "proposed" }]);
    expect(feed(state, leave(7)).facts).toEqual([]);
    expect(feed(convened(["a", "b"]), { type: "depart", agent: "a" }).state.expected).toEqual(["b"]);
  });

  it("takes a member out that comes back broken", () => {
    const problems = [{ code: "AUTH", reason: "the key was revoked" }] as const;
    const { facts } = feed(installed(["a", "b"]), hello("a", { incarnation: 2, profile: { problems } }));
    expect(facts).toMatchObject([{ type: "refused" }, { type: "proposed", view: { members: [{ agent: "b" }] } }]);
    const newcomer = feed(installed(["a", "b"]), hello("c", { profile: { problems } }));
    expect(newcomer.facts).toMatchObject([{ type: "refused", agent: "c" }]);
  });
});

describe("the port", () => {
  const address = { agent: "a", incarnation: 2 };
  const view = (epoch: number, incarnation = 2): View => ({
    epoch,
    digest: `digest ${epoch}`,
    version: 1,
    features: [],
    members: [{ agent: "a", incarnation, cardDigest: "card", features: [] }],
  });
  const roster = (of: View): PortInput => ({ type: "message", message: { type: "ROSTER", to: address, view: of } });
  const install = (of: View): PortInput => ({
    type: "message",
    message: { type: "INSTALL", to: address, epoch: of.epoch, digest: of.digest },
  });
  const evict = (nonce: number): PortInput => ({
    type: "message",
    message: { type: "EVICT", to: address, nonce, reason: "silent" },
  });

  function port(...inputs: PortInput[]): PortState {
    let state = startPort(address, PROFILE);
    for (const input of [{ type: "begin", profile: PROFILE } as const, ...inputs]) state = stepPort(state, input).state;
    return state;
  }

  it("installs only what it has confirmed, and never an older view", () => {
    expect(port(install(view(1))).installed).toBeUndefined();
    expect(port(roster(view(2)), roster(view(1)), install(view(1))).installed).toBeUndefined();
    expect(port(roster(view(2)), install({ ...view(2), digest: "other" })).installed).toBeUndefined();
    expect(port(roster(view(1)), install(view(1))).installed?.epoch).toBe(1);
    expect(port(roster(view(1, 1))).confirmed).toBeUndefined();
  });

  it("confirms a repeated roster again, and not a changed one", () => {
    const state = port(roster(view(1)));
    expect(stepPort(state, roster(view(1))).sends).toMatchObject([{ type: "CONFIRM", epoch: 1 }]);
    expect(stepPort(state, roster({ ...view(1), digest: "other" })).sends).toEqual([]);
  });

  it("ignores what was sent to another port, and late answers to an earlier HELLO", () => {
    const other = { agent: "a", incarnation: 1 };
    const state = port({ type: "begin", profile: PROFILE });
    expect(stepPort(state, { type: "message", message: { type: "ROSTER", to: other, view: view(1) } }).state).toBe(
      state,
    );
    const problem = { code: "FULL", reason: "full" } as const;
    const refuse = (nonce: number): PortInput => ({
      type: "message",
      message: { type: "REFUSE", to: address, nonce, problem },
    });
    expect(stepPort(state, refuse(1)).state).toBe(state);
    expect(stepPort(state, refuse(2)).state).toMatchObject({ phase: "refused", refusal: problem });
    expect(stepPort(state, evict(1)).state).toBe(state);
    expect(stepPort(state, evict(2)).state.phase).toBe("evicted");
  });

  it("repeats what may have been lost, and is silent when it is out", () => {
    const resent = (state: PortState) => stepPort(state, { type: "resend" }).sends.map((message) => message.type);
    expect(resent(port())).toEqual(["HELLO"]);
    expect(resent(port({ type: "message", message: { type: "WELCOME", to: address, nonce: 1, version: 1 } }))).toEqual([
      "HEARTBEAT",
    ]);
    expect(resent(port(evict(1)))).toEqual([]);
    const left = stepPort(port(), { type: "leave" });
    expect(left.sends).toMatchObject([{ type: "LEAVE" }]);
    expect(stepPort(left.state, { type: "begin", profile: PROFILE }).sends).toEqual([]);
  });
});

describe("what members share", () => {
  it("is the newest version that all speak, or none", () => {
    expect(
      commonVersion([
        { min: 1, max: 3 },
        { min: 2, max: 5 },
      ]),
    ).toBe(3);
    expect(
      commonVersion([
        { min: 1, max: 1 },
        { min: 2, max: 5 },
      ]),
    ).toBeUndefined();
  });

  it("is the features of all", () => {
    expect(commonFeatures([{ features: ["b", "a", "c"] }, { features: ["a", "b"] }])).toEqual(["a", "b"]);
    expect(commonFeatures([])).toEqual([]);
  });
});
