import { defineConfig } from "tsup";
import base from "../tsup.base.ts";
import { dashboardModule } from "./dashboard/bundle.mjs";

/** As all packages, with the files of the dashboard in the module that has them bundled while it runs from source. */
export default defineConfig({
  ...base,
  esbuildPlugins: [
    {
      name: "dashboard",
      setup(build) {
        build.onLoad({ filter: /[\\/]src[\\/]dashboard[\\/]files\.ts$/ }, async () => {
          return { contents: await dashboardModule(), loader: "js" };
        });
      },
    },
  ],
});
