// What a conversation would cost at the most, for people.
import type { EstimateDocument } from "../../app/polylogue.ts";
import { counted, formatCount, formatUsd } from "../amounts.ts";
import { formatTable } from "../table.ts";

export function estimateReport(document: EstimateDocument): string[] {
  return [
    `At most ${formatUsd(document.costUsdMax)} for ${counted(document.turnsMax, "turn")} (${document.orchestration}). Nobody was asked.`,
    "",
    ...formatTable(
      [
        { title: "AGENT", cell: (row) => row.agent },
        { title: "MODEL", cell: (row) => `${row.vendor}/${row.model}` },
        { title: "TURNS", align: "right", cell: (row) => formatCount(row.turnsMax) },
        { title: "TOKENS IN", align: "right", cell: (row) => formatCount(row.inputTokensMax) },
        { title: "TOKENS OUT", align: "right", cell: (row) => formatCount(row.outputTokensMax) },
        { title: "AT MOST", align: "right", cell: (row) => formatUsd(row.costUsdMax) },
      ],
      document.agents,
    ),
    "",
    `Where each turn takes one call. On top may come: ${document.leavesOut.join("; ")}. The budget limits all of it.`,
    ...(document.simulated ? ["", "Simulated: no vendor would be called."] : []),
  ];
}
