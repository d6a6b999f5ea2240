import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { isMissing, openSite, type Site } from "./chromium.ts";
import { factsWithoutContexts } from "./facts.ts";

const both = { memory: factsWithoutContexts, store: factsWithoutContexts };

describe.skipIf(isMissing)("in Chromium, in memory and in IndexedDB", { timeout: 120_000 }, () => {
  let site: Site;
  let page: Page;

  beforeAll(async () => {
    const script = await readFile(await bundle("page", { platform: "browser" }));
    site = await openSite(new Map([["/page.mjs", script]]), "<!doctype html><title>promises</title>");
    page = await site.browser.newPage();
    await page.goto(site.url);
  }, 60_000);
  afterAll(() => site?.close());

  it("a page keeps the promises", async () => {
    await page.addScriptTag({ url: "/page.mjs", type: "module" });
    await page.waitForFunction("globalThis.facts");
    expect(await page.evaluate("facts()")).toEqual(both);
  });

  it("of two tabs on one IndexedDB one has it, the other is told so, and goes on with Web Locks", async () => {
    const context = await site.browser.newContext();
    const [first, second] = [await context.newPage(), await context.newPage()];
    for (const tab of [first, second]) {
      await tab.goto(site.url);
      await tab.addScriptTag({ url: "/page.mjs", type: "module" });
      await tab.waitForFunction("globalThis.tabs");
    }
    await first.evaluate(`tabs.produce("shared", [1, 2, 3])`);
    expect(await second.evaluate(`tabs.intrude("shared")`)).toBe("STORE_LOCKED");
    const worked = second.evaluate<number[]>(`tabs.work("shared", 3)`);
    await second.waitForFunction("navigator.locks.query().then(({ pending }) => pending.length > 0)");
    await first.close(); // while it holds a job, whose lease has to end
    expect(new Set(await worked)).toEqual(new Set([1, 2, 3]));
    await context.close();
  });

  it("a Web Worker keeps the promises", async () => {
    const ask = `new Promise((resolve, reject) => {
      const worker = new Worker("/page.mjs", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage("go");
    })`;
    expect(await page.evaluate(ask)).toEqual(both);
  });

  it("a Service Worker keeps the promises", async () => {
    const ask = `new Promise(async (resolve) => {
      navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
      navigator.serviceWorker.startMessages();
      await navigator.serviceWorker.register("/page.mjs", { type: "module" });
      (await navigator.serviceWorker.ready).active.postMessage("go");
    })`;
    expect(await page.evaluate(ask)).toEqual(both);
  });
});
