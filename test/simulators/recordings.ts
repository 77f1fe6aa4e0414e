// Recorded vendor traffic, as the tests of this folder read it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, JsonValue } from "../../src/domain/json.ts";

export interface Recording {
  readonly vendor: string;
  readonly index: number;
  readonly path: string;
  readonly request: JsonObject;
  readonly status: number;
  readonly stream: boolean;
  readonly body: JsonValue;
}

const folder = process.env.POLYLOGUE_TEST_DATA;

/** Why the recordings cannot be used, in one line; nothing when they can. */
export const recordingsMissing =
  folder === undefined
    ? "POLYLOGUE_TEST_DATA is not set: recorded vendor traffic is not compared"
    : existsSync(join(folder, "wire"))
      ? undefined
      : `POLYLOGUE_TEST_DATA has no folder wire: recorded vendor traffic is not compared`;

/** The recordings of one vendor that a simulator speaks: no server-side tools, no media, no Responses API. */
export function spokenRecordings(vendor: string): Recording[] {
  if (folder === undefined) return [];
  const lines = readFileSync(join(folder, "wire", `${vendor}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean);
  return lines
    .map((line, index) => ({ ...(JSON.parse(line) as Recording), index }))
    .filter((recording) => recording.request !== null && !/\/responses/.test(recording.path))
    .filter((recording) => !usesServerTools(recording.request) && !hasMedia(recording) && !hasMedia(recording.body));
}

function usesServerTools({ tools, web_search_options: search }: JsonObject): boolean {
  const list = Array.isArray(tools) ? (tools as readonly JsonObject[]) : [];
  return (
    search !== undefined ||
    list.some((tool) => {
      if (typeof tool.type === "string") return tool.type !== "function" && tool.type !== "custom";
      return (
        tool.functionDeclarations === undefined &&
        tool.function_declarations === undefined &&
        tool.input_schema === undefined
      );
    })
  );
}

const MEDIA =
  /"(?:type)":"(?:image|document|image_url|input_audio|file|container_upload)"|"(?:inlineData|fileData|inline_data|file_data)":|"responseModalities":\["(?:IMAGE|TEXT","IMAGE|AUDIO)|-image/;

function hasMedia(value: unknown): boolean {
  return MEDIA.test(JSON.stringify(value));
}
