// Writes schema/polylogue.schema.json, which editors use for polylogue.yaml.
import { mkdirSync, writeFileSync } from "node:fs";
import { configSchemaText } from "../src/app/config/schema.ts";

const folder = new URL("../schema/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("polylogue.schema.json", folder), configSchemaText());
