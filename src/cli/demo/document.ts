// The design note that the demo debates: a real trade-off with good arguments on
// both sides. Held as code, so that the published package needs no extra file.

export const DEMO_DOCUMENT_NAME = "journal-writer.md";

export const DEMO_DOCUMENT = `# How the order journal is written

Status: proposed. Decision needed before the load test on the new region.

## What the journal is for

Every order, payment and refund is appended to the journal before the customer
sees a confirmation. A confirmed event must survive a crash of the process and a
power cut of the machine. All other tables are rebuilt from the journal, so its
order of events is the order that finance and support argue about.

Today we confirm 1,800 events per second at peak. Marketing expects 6,000 by
next summer. The disk of our database machine completes about 2,500 flushes per
second, and one flush takes 0.4 milliseconds at the median and 3 milliseconds at
the 99th percentile.

## Option A: one writer thread with group commit

All requests hand their events to one writer thread. The writer collects what has
arrived while the last flush was running, appends it in one transaction, flushes
once, and then confirms every request of the group.

What speaks for it:

- One writer thread gives every event a place in one total order, without locks.
- Group commit shares one flush among all waiting requests, so throughput grows
  with load: in our measurement 64 waiting requests reached 21,000 events per
  second on the disk we have.
- There is one place where a crash can happen between append and confirm, so the
  recovery code is 200 lines and has a test for every step.
- A single writer cannot deadlock with itself.

What speaks against it:

- One slow request holds up everybody: a 40 millisecond validation inside the
  writer delayed 900 confirmations in the trial of 12 March.
- The writer is limited to one core, and encoding alone took 70 % of that core
  at 15,000 events per second.
- A lone request at night waits for a full flush and gains nothing from grouping.
- If the writer thread stops, the whole shop stops, although the machine is fine.

## Option B: one writer per shard

Events are split by customer into eight shards. Each shard has its own file, its
own writer and its own flush.

What speaks for it:

- Eight writers use eight cores, and a slow request delays only its own shard.
- A damaged file costs one eighth of the journal and not all of it.
- Shards can move to other machines later without a change of format.

What speaks against it:

- Eight files flush separately, and together they share the same 2,500 flushes
  per second, so at low load the latency is worse than with one writer.
- There is no total order any more: a transfer between two customers touches two
  shards and needs a two-phase commit, which we have written once and removed.
- Rebuilding a report across shards must merge eight streams by clock, and clocks
  differed by up to 11 milliseconds in the last audit.
- Recovery has to compare eight files and decide which half of a transfer counts.

## Figures from the trial

| | one writer, group commit | writer per shard (8) |
|---|---|---|
| events per second, 64 clients | 21,000 | 34,000 |
| confirm, median at 100 per second | 0.9 ms | 1.6 ms |
| confirm, 99th percentile at peak | 6 ms | 4 ms |
| crash tests passed, of 500 | 500 | 493 |
| lines of recovery code | 200 | 1,150 |

The seven failed crash tests of Option B all lost one half of a transfer.

## What we could do later

With one writer, validation and encoding can move to a pool of threads in front
of it, so that the writer only appends and flushes. With shards, transfers could
be kept inside one shard by choosing the shard by contract instead of customer.
Going from one writer to shards later means a migration of two nights; going from
shards back to one writer means the same and a merge of eight histories.
`;
