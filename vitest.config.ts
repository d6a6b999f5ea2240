import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@jobq/source", ...defaultServerConditions] } }, // workspace packages run from source
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/tmp/**"],
    reporters: ["default", "./scripts/plain-reporter.ts"],
  },
});
