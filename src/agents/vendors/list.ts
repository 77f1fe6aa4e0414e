// Every vendor that comes with Polylogue.
import { anthropic } from "./anthropic.ts";
import { deepseek, deepseekAnthropic } from "./deepseek.ts";
import { google } from "./google.ts";
import { openai, openaiCompatible } from "./openai.ts";
import type { VendorRecord } from "./vendor.ts";

export const VENDORS: readonly VendorRecord[] = [
  anthropic,
  google,
  deepseek,
  deepseekAnthropic,
  openai,
  openaiCompatible,
];
