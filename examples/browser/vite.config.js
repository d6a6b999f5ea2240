import { defaultClientConditions, defineConfig } from "vite";

// The workspace's packages are read from source, as everywhere in this repository; yours come from npm as they are.
export default defineConfig({ resolve: { conditions: ["@jobq/source", ...defaultClientConditions] } });
