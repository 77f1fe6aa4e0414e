// The simulators' replies to recorded requests have the recorded shape.
import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../src/domain/json.ts";
import type { SimulatedVendor } from "../../src/simulators/simulator.ts";
import { verifies } from "../requirements.ts";
import { createHarness } from "./harness.ts";
import { type Recording, recordingsMissing, spokenRecordings } from "./recordings.ts";

if (recordingsMissing !== undefined) console.warn(recordingsMissing);

/**
 * What real replies have sometimes, by vendor: newer fields, fields of other
 * service tiers, and kinds of content that depend on what the model chose to say.
 */
const OPTIONAL: Readonly<Record<string, RegExp>> = {
  anthropic:
    /^(?:\.message)?\.(?:stop_details|usage\.(?:inference_geo|iterations|output_tokens_details|cache_creation\.)|content\[\]\.)|^\.(?:delta|content_block)\.|^\.stop_sequence|^\.container|^\.context_management|^\.usage\.output_tokens_details/,
  google:
    /\.usageMetadata\.(?:serviceTier|thoughtsTokenCount|cache|candidatesTokenCount|candidatesTokensDetails|toolUse)|\.parts|\.avgLogprobs|\.finishMessage|\.finishReason|\.index|\.content$|\.responseId$/,
  deepseek: /\.(?:content|reasoning_content|tool_calls\[\].*)$|completion_tokens_details/,
  openai: /\.(?:content|tool_calls\[\].*|system_fingerprint|delta\.refusal)$/,
};

/** Every path in a value with the type that stands there; what a model or caller chose freely is one leaf. */
function pathsOf(value: JsonValue | undefined, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => pathsOf(item, `${path}[]`));
  if (value === null || typeof value !== "object" || /\.(?:args|input)$/.test(path))
    return [`${path}:${value === null ? "null" : typeof value}`];
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`));
}

function differences(vendor: string, ours: ReadonlySet<string>, theirs: ReadonlySet<string>): string[] {
  const isFixed = (path: string): boolean => !(OPTIONAL[vendor] as RegExp).test(path.replace(/:[a-z]+$/, ""));
  const missing = [...theirs].filter((path) => !ours.has(path) && isFixed(path));
  const strange = [...ours].filter((path) => !theirs.has(path) && isFixed(path));
  return [...missing.map((path) => `missing ${path}`), ...strange.map((path) => `strange ${path}`)];
}

interface StreamShape {
  readonly lineEnd: string;
  readonly names: readonly string[];
  readonly terminator: string;
  readonly usageAt: readonly string[];
  readonly paths: ReadonlySet<string>;
}

/** The grammar of a stream: line ends, order of events without repetitions, terminator, where usage stands. */
function shapeOf(vendor: string, text: string): StreamShape {
  const lineEnd = text.includes("\r\n\r\n") ? "CRLF" : "LF";
  const frames = text.split(lineEnd === "CRLF" ? "\r\n\r\n" : "\n\n").filter((frame) => frame.trim() !== "");
  const data = frames.map((frame) => /^data: (.*)$/m.exec(frame)?.[1] ?? "").filter((line) => line.startsWith("{"));
  const objects = data.map((line) => JSON.parse(line) as JsonObject);
  const names = frames
    .map((frame) => /^event: (.*)$/m.exec(frame)?.[1] ?? "")
    .filter((name) => name !== "ping" && name !== "");
  const last = frames.at(-1) ?? "";
  return {
    lineEnd,
    names: [...new Set(names)],
    terminator: last.startsWith("data: [DONE]")
      ? "[DONE]"
      : last.startsWith("event:")
        ? (names.at(-1) ?? "")
        : "end of connection",
    usageAt: objects.flatMap((object, index) => {
      if (vendor === "google") return object.usageMetadata === undefined ? ["none"] : [];
      const has = (object.usage ?? (object.message as JsonObject | undefined)?.usage ?? null) !== null;
      return has
        ? [
            index === 0
              ? "first"
              : index >= objects.length - 2 && vendor === "anthropic"
                ? "message_delta"
                : `last${index - objects.length}`,
          ]
        : [];
    }),
    paths: new Set(objects.flatMap((object) => pathsOf(object))),
  };
}

async function replay(recording: Recording): Promise<{ status: number; text: string }> {
  const harness = createHarness();
  return harness.post(recording.vendor as SimulatedVendor, recording.path, recording.request);
}

describe.skipIf(recordingsMissing !== undefined)("replies to recorded requests", () => {
  for (const vendor of ["anthropic", "google", "deepseek", "openai"]) {
    const recordings = spokenRecordings(vendor);

    it(`${vendor}: the status is the recorded one, and so is an error's shape`, async () => {
      verifies("R7.2");
      expect(recordings.length).toBeGreaterThan(0);
      for (const recording of recordings) {
        const { status, text } = await replay(recording);
        expect([recording.index, status, status === recording.status ? "" : text]).toEqual([
          recording.index,
          recording.status,
          "",
        ]);
        if (status === 200) continue;
        expect(new Set(pathsOf(JSON.parse(text)))).toEqual(new Set(pathsOf(recording.body)));
      }
    });

    it(`${vendor}: a reply has the recorded keys and types`, async () => {
      verifies("R7.2");
      const plain = recordings.filter((recording) => recording.status === 200 && !recording.stream);
      expect(plain.length).toBeGreaterThan(0);
      for (const recording of plain) {
        const { text } = await replay(recording);
        const body = typeof recording.body === "string" ? (JSON.parse(recording.body) as JsonValue) : recording.body;
        const found = differences(vendor, new Set(pathsOf(JSON.parse(text))), new Set(pathsOf(body)));
        expect([recording.index, found]).toEqual([recording.index, []]);
      }
    });

    if (!recordings.some((recording) => recording.stream)) continue;
    it(`${vendor}: a stream has the recorded grammar`, async () => {
      verifies("R7.2");
      for (const recording of recordings.filter(({ stream, status }) => stream && status === 200)) {
        const { text } = await replay(recording);
        const ours = shapeOf(vendor, text);
        const theirs = shapeOf(vendor, recording.body as string);
        expect([recording.index, ours.lineEnd, ours.terminator, ours.usageAt, ours.names]).toEqual([
          recording.index,
          theirs.lineEnd,
          theirs.terminator,
          theirs.usageAt,
          theirs.names,
        ]);
        expect([recording.index, differences(vendor, ours.paths, theirs.paths)]).toEqual([recording.index, []]);
      }
    });
  }

  it("calls a tool exactly where the recorded model did, in nineteen of twenty requests", async () => {
    const calls = (text: string): boolean => /"type": ?"tool_use"|"functionCall"|"type": ?"function"/.test(text);
    let same = 0;
    let all = 0;
    for (const vendor of ["anthropic", "google", "deepseek", "openai"]) {
      for (const recording of spokenRecordings(vendor).filter(({ status }) => status === 200)) {
        const { text } = await replay(recording);
        const recorded = typeof recording.body === "string" ? recording.body : JSON.stringify(recording.body);
        all += 1;
        if (calls(text) === calls(recorded)) same += 1;
      }
    }
    expect(same / all).toBeGreaterThan(0.95);
  });
});
