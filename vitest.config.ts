import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@jobq/source", ...defaultServerConditions] } }, // workspace packages run from source
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/tmp/**"],
    testTimeout: 60_000, // only against what hangs: no test is about time
    reporters: ["default", "./scripts/plain-reporter.ts"],
  },
});
