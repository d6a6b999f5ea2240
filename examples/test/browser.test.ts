import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { expect, it } from "vitest";

const CHROMIUM = process.env.JOBQ_TEST_CHROMIUM ?? "/usr/bin/chromium";
const isMissing = !existsSync(CHROMIUM) && process.env.JOBQ_TEST_REQUIRE_ALL === undefined;

it.skipIf(isMissing)("the page has its jobs after a reload, and works them", { timeout: 120_000 }, async () => {
  const root = fileURLToPath(new URL("../browser", import.meta.url));
  const cacheDir = fileURLToPath(new URL("../tmp/vite", import.meta.url));
  const server = await createServer({ root, cacheDir, logLevel: "error", server: { port: 0 } });
  const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
  try {
    await server.listen();
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.goto(server.resolvedUrls?.local[0] as string);
    await page.click("#add");
    await page.getByRole("row", { name: "ready 20" }).waitFor();

    await page.reload();
    await page.getByRole("row", { name: "ready 20" }).waitFor();
    await page.check("#work");
    await page.getByRole("row", { name: "done 3" }).waitFor();
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
