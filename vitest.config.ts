// Tests run the TypeScript sources directly. Coverage counts `src/` only.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    maxWorkers: 2,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "json-summary", "json"],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
