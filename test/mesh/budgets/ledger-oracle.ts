// Counts reservations and costs from the events alone: what the documents of
// the budgets must agree with, written without any of their code.
import type { JournalEvent } from "../../../src/domain/journal-event.ts";

export interface Account {
  reserved: number;
  spent: number;
}

/** Accounts by name (`turn …`, `agent …`, `conversation …`, `day …`) after every event, in order. */
export function* accountsAfterEach(events: readonly JournalEvent[]): Generator<ReadonlyMap<string, Account>> {
  const accounts = new Map<string, Account>();
  const open = new Map<string, { readonly names: readonly string[]; readonly reserved: number }>();
  for (const event of events) {
    if (event.kind === "attempt.started") {
      const { attemptId, turnId, agent, reservedNanoUsd } = event.data;
      const day = new Date(event.atUs / 1_000).toISOString().slice(0, 10);
      const names = [
        `turn ${turnId}`,
        `agent ${event.stream} ${agent}`,
        `conversation ${event.stream}`,
        `day ${day} ${event.simulated}`,
      ];
      open.set(attemptId, { names, reserved: reservedNanoUsd });
      for (const name of names) accountOf(accounts, name).reserved += reservedNanoUsd;
    }
    if (event.kind === "attempt.settled") {
      const attempt = open.get(event.data.attemptId);
      if (attempt === undefined) throw new Error("settled twice, or never started");
      open.delete(event.data.attemptId);
      for (const name of attempt.names) {
        const account = accountOf(accounts, name);
        account.reserved -= attempt.reserved;
        account.spent += event.data.costNanoUsd;
      }
    }
    yield accounts;
  }
}

function accountOf(accounts: Map<string, Account>, name: string): Account {
  const known = accounts.get(name);
  if (known !== undefined) return known;
  const fresh = { reserved: 0, spent: 0 };
  accounts.set(name, fresh);
  return fresh;
}
