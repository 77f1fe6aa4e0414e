// Every document of a group, however many there are, page by page.
import { PolylogueError } from "../domain/errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { StoredDocument } from "../storage/store.ts";

const PAGE = 20_000;

/**
 * In ascending order. A page begins at the order where the one before it ended.
 * Throws `INTERNAL` where more documents than a page holds share one order.
 */
export async function allDocuments(
  journal: Pick<Journal, "documents">,
  { collection, group, page = PAGE }: { readonly collection: string; readonly group: string; readonly page?: number },
): Promise<StoredDocument[]> {
  const found = new Map<string, StoredDocument>();
  let from: { readonly orderMin?: number } = {};
  while (true) {
    const documents = await journal.documents(collection, { group, limit: page, ...from });
    const before = found.size;
    for (const document of documents) found.set(document.key, document);
    const last = documents.at(-1);
    if (last === undefined || documents.length < page) return [...found.values()];
    if (found.size === before) {
      throw new PolylogueError("INTERNAL", {
        message: `More than ${page} documents of ${collection}/${group} have the order ${last.order}.`,
        mend: "This is a fault of Polylogue; report it.",
      });
    }
    from = { orderMin: last.order };
  }
}
