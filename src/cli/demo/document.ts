// The design note that the demo debates: a real trade-off with good arguments on
// both sides. Held as code, so that the published package needs no extra file. A
// sentence to a line, so that it can be quoted whole.

export const DEMO_DOCUMENT_NAME = "journal-writer.md";

export const DEMO_DOCUMENT = `# How the order journal is written

Status: proposed. A decision is needed before the load test in the new region.

## What the journal is for

Every order, payment and refund is appended to the journal before the customer sees a confirmation.
A confirmed event must survive a crash of the process and a power cut of the machine.
All other tables are rebuilt from the journal, so finance and support argue by its order of events.

## What we know

Today we confirm 1,800 events per second at peak, and marketing expects 6,000 by next summer.
The disk completes about 2,500 flushes per second.
One flush takes 0.4 milliseconds at the median and 3 milliseconds at the 99th percentile.

## Option A: one writer thread with group commit

All requests hand their events to one writer thread.
It appends what arrived during the last flush in one transaction, flushes once, and confirms the whole group.

What speaks for it:

- One writer thread gives every event a place in one total order, without any lock.
- Group commit shares one flush among all waiting requests, so throughput grows with the load.
- With 64 clients, one writer thread confirmed 21,000 events per second on the disk that we have.
- With one writer thread a crash can fall in one place only, and every step of its recovery has a test.
- One writer thread cannot deadlock with itself.

What speaks against it:

- One slow request holds up everybody: a validation of 40 milliseconds delayed 900 confirmations in the trial.
- It is limited to one core, and encoding took 70 % of that core at 15,000 events per second.
- A lone request at night waits for a full flush and gains nothing.
- If it stops, the whole shop stops although the machine is fine.

## Option B: sharded writers

Events are split by customer into eight shards, each with its own file, its own writer and its own flush.

What speaks for it:

- Sharded writers use eight cores, and a slow request delays only the customers of its own shard.
- With sharded writers a damaged file costs one eighth of the journal and not all of it.
- Sharded writers can move to other machines later without a change of format.
- With 64 clients, sharded writers confirmed 34,000 events per second.

What speaks against it:

- Eight files flush separately and share the same 2,500 flushes per second, so at low load each of them is slower.
- There is no total order any more, and a transfer between two customers has to lock both.
- A report must merge eight streams by clock, and the clocks differed by 11 milliseconds in the last audit.
- Recovery has to compare eight files and decide which half of a transfer counts.

## Figures from the trial

| | one writer thread, group commit | sharded writers (8) |
|---|---|---|
| events per second, 64 clients | 21,000 | 34,000 |
| confirm, median at 100 per second | 0.9 ms | 1.6 ms |
| confirm, 99th percentile at peak | 6 ms | 4 ms |
| crash tests passed, of 500 | 500 | 493 |
| lines of recovery code | 200 | 1,150 |

All seven failed crash tests of the sharded writers lost one half of a transfer.

## What we could do later

With one writer thread, validation and encoding can move to a pool of threads in front of the journal.
With sharded writers, transfers can stay in one place when events are split by contract instead of customer.
Going from one writer thread to sharded writers later means a migration of two nights.
Going back means the same, and a merge of eight histories.
`;
