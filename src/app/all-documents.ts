// Every document of a group, however many there are.
import type { Journal } from "../journal/journal.ts";
import type { StoredDocument } from "../storage/store.ts";

const LIMIT_FIRST = 10_000;

/** Asks for more until what comes is less than what was asked for. */
export async function allDocuments(
  journal: Pick<Journal, "documents">,
  collection: string,
  group: string,
): Promise<StoredDocument[]> {
  for (let limit = LIMIT_FIRST; ; limit *= 4) {
    const documents = await journal.documents(collection, { group, limit });
    if (documents.length < limit) return documents;
  }
}
