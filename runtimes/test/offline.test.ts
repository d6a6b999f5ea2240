import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditions, pathOf, requireAll } from "./bundle.ts";

const CHROMIUM = process.env.JOBQ_TEST_CHROMIUM ?? "/usr/bin/chromium";

describe.skipIf(!requireAll && !existsSync(CHROMIUM))("in a page whose bundle is split", { timeout: 120_000 }, () => {
  let server: Server;
  let browser: Browser;
  let files: Map<string, Uint8Array>;

  beforeAll(async () => {
    const outdir = pathOf("tmp/offline");
    const { outputFiles } = await build({
      entryPoints: [pathOf("src/offline.ts")],
      ...{ outdir, conditions, bundle: true, splitting: true, write: false, format: "esm", platform: "browser" },
    });
    files = new Map(outputFiles.map(({ path, contents }) => [path.slice(outdir.length), contents]));
    server = createServer(({ url = "/" }, response) => {
      const script = files.get(url);
      response.setHeader("content-type", script ? "text/javascript" : "text/html");
      response.end(script ?? '<!doctype html><title>offline</title><script type="module" src="/offline.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it("jobs with links and rules of unique keys are enqueued offline", async () => {
    expect(files.size).toBeGreaterThan(2);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForLoadState("networkidle");
    await page.context().setOffline(true);
    expect(await page.evaluate("enqueueOffline()")).toEqual(["delayed", "canceled", "ready"]);
  });
});
