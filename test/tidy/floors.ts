// Which folder of src/ stands on which floor. A folder imports from lower floors only.

export const FLOORS: Readonly<Record<string, number>> = {
  domain: 0,
  platform: 1,
  storage: 2,
  agents: 2,
  tools: 2,
  simulators: 2,
  journal: 3,
  mesh: 4,
  telemetry: 4,
  datasets: 4,
  imports: 4,
  experiments: 4,
  conversations: 5,
  gateway: 5,
  evaluation: 6,
  papers: 6,
  server: 7,
  app: 8,
  cli: 9,
};

/** The public surface stands above all floors. */
export const ENTRY_POINTS = ["src/index.ts", "src/cli/main.ts", "src/simulators/index.ts"];

export function roomOf(file: string): string {
  const [src, room, rest] = file.split("/");
  return src === "src" && rest !== undefined ? (room ?? "") : "";
}
