import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditions, pathOf } from "./bundle.ts";
import { isMissing, openSite, type Site } from "./chromium.ts";

describe.skipIf(isMissing)("in a page whose bundle is split", { timeout: 120_000 }, () => {
  let site: Site;
  let files: Map<string, Uint8Array>;

  beforeAll(async () => {
    const outdir = pathOf("tmp/offline");
    const { outputFiles } = await build({
      entryPoints: [pathOf("src/offline.ts")],
      ...{ outdir, conditions, bundle: true, splitting: true, write: false, format: "esm", platform: "browser" },
    });
    files = new Map(outputFiles.map(({ path, contents }) => [path.slice(outdir.length), contents]));
    const script = '<script type="module" src="/offline.js"></script>';
    site = await openSite(files, `<!doctype html><title>offline</title>${script}`);
  }, 60_000);
  afterAll(() => site?.close());

  it("jobs with links and rules of unique keys are enqueued offline", async () => {
    expect(files.size).toBeGreaterThan(2);
    const page = await site.browser.newPage();
    await page.goto(site.url);
    await page.waitForLoadState("networkidle");
    await page.context().setOffline(true);
    expect(await page.evaluate("enqueueOffline()")).toEqual(["delayed", "canceled", "ready"]);
  });
});
