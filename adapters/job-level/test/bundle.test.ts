import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import { defaultClientConditions, type Rolldown, build as vite } from "vite";
import { expect, test } from "vitest";

const PAGE = fileURLToPath(new URL("./browser/page.ts", import.meta.url));
const CONDITION = "@jobq/source";

test("esbuild bundles it for the browser as it is, and nothing of classic-level with it", async () => {
  const { metafile } = await esbuild({
    entryPoints: [PAGE],
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "esm",
    minify: true,
    conditions: [CONDITION],
  });
  expect(Object.keys(metafile.inputs).filter((path) => path.includes("classic-level/"))).toEqual([]);
});

test("vite bundles it for the browser as it is, and nothing of classic-level with it", async () => {
  const warnings: string[] = [];
  const output = (await vite({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: [CONDITION, ...defaultClientConditions] },
    build: {
      write: false,
      lib: { entry: PAGE, formats: ["es"] },
      rolldownOptions: { onwarn: ({ message }) => void warnings.push(message) },
    },
  })) as Rolldown.RolldownOutput[];
  const chunks = output.flatMap(({ output: files }) => files).filter((file) => file.type === "chunk");
  expect(
    chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => /classic-level\/|browser-external/.test(id)),
  ).toEqual([]);
  expect(warnings).toEqual([]);
});
