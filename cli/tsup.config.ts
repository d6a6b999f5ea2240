import { defineConfig } from "tsup";
import base from "../tsup.base.ts";

/** For Node alone: the program that the command starts is an entry beside what the package exports. */
export default defineConfig({
  ...base,
  entry: { index: "src/index.ts", main: "src/main.ts" },
  platform: "node",
});
