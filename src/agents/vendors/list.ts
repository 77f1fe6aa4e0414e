// Every vendor that comes with Polylogue.

import { anthropic } from "./anthropic.ts";
import { deepseek } from "./deepseek.ts";
import { deepseekAnthropic } from "./deepseek-anthropic.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import type { VendorRecord } from "./vendor.ts";

export const VENDORS: readonly VendorRecord[] = [
  anthropic,
  google,
  deepseek,
  deepseekAnthropic,
  openai,
  openaiCompatible,
];
