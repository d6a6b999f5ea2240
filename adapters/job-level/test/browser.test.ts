import type { JobId } from "@jobq/core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Chromium, type PageHost, whyNoChromium } from "./browser/chromium.ts";
import type { PagePair, Reserved } from "./browser/page.ts";

const TIMEOUT_MS = 60_000;
const LEASE_MS = 300;
const DURABLE: readonly PagePair[] = ["fused", "jobs in IndexedDB, topics in memory"];

const why = whyNoChromium();
if (why !== undefined) console.log(`skipped: no browser (${why})`);

describe.skipIf(why !== undefined)("in a browser", { timeout: TIMEOUT_MS }, () => {
  let chromium: Chromium;
  let page: Page;
  let faults: string[];
  beforeAll(async () => {
    chromium = await Chromium.launch();
  }, TIMEOUT_MS);
  afterAll(() => chromium?.close(), TIMEOUT_MS);
  beforeEach(async () => {
    faults = [];
    page = await chromium.open(faults);
    return async () => {
      await page.context().close();
      expect(faults).toEqual([]);
    };
  }, TIMEOUT_MS);

  const open = (pair: PagePair) => page.evaluate((name) => queueOfPage.open(name), pair);
  const counts = () => page.evaluate(() => queueOfPage.counts());
  const reload = async (pair: PagePair) => {
    await page.reload();
    await open(pair);
  };
  const reserve = (limit: number, leaseMs: number) =>
    page.evaluate(([count, lease]) => queueOfPage.reserve(count, lease), [limit, leaseMs] as const);
  const done = (id: JobId, result?: unknown) =>
    page.evaluate(([job, value]) => queueOfPage.done(job, value), [id, result] as const);

  it.for(DURABLE)("a queue is as it was after each reload of its page: %s", async (pair) => {
    await open(pair);
    await page.evaluate(() => queueOfPage.enqueueAll(["a", { text: "ü\0😀", large: "x".repeat(200_000) }, "b"]));
    await page.evaluate((delay) => queueOfPage.enqueue("later", delay), 200);
    await reload(pair);
    const [a, large] = (await reserve(2, 60_000)) as [Reserved, Reserved];
    expect([a.payload, large.payload]).toEqual(["a", { text: "ü\0😀", large: "x".repeat(200_000) }]);
    await page.evaluate((id) => queueOfPage.log(id, "a line"), a.id);
    await done(a.id, { pages: 2 });
    await done(large.id);
    expect(await reserve(1, LEASE_MS)).toMatchObject([{ payload: "b", token: 1 }]);

    await reload(pair);
    expect(await page.evaluate((id) => queueOfPage.get(id), a.id)).toMatchObject({
      state: "done",
      payload: "a",
      result: { pages: 2 },
    });
    expect(await page.evaluate((id) => queueOfPage.logs(id), a.id)).toEqual(["a line"]);
    // Time goes on in the new page: what the old one held comes back, what was delayed comes up.
    const left: Reserved[] = [];
    while (left.length < 2) left.push(...(await reserve(2, 60_000)));
    expect(left.map(({ payload, token }) => [payload, token]).sort()).toEqual([
      ["b", 2],
      ["later", 1],
    ]);
    for (const { id } of left) await done(id);

    await reload(pair);
    expect(await counts()).toEqual({ done: 4 });
  });

  it.for(DURABLE)("a page that goes in the midst of its work leaves all it was told of: %s", async (pair) => {
    const acknowledged = new Set<JobId>();
    let heard = (): void => {};
    await page.exposeFunction("acknowledged", (id: JobId) => {
      acknowledged.add(id);
      heard();
    });
    for (const wanted of [1, 20, 60]) {
      await reload(pair);
      const enough = new Promise<void>((resolve) => {
        heard = () => acknowledged.size >= wanted && resolve();
      });
      // Ended by the reload, not by itself.
      page.evaluate(() => queueOfPage.enqueueForever()).catch(() => {});
      await enough;
    }
    await reload(pair);
    const seen = new Set<JobId>();
    while ([...acknowledged].some((id) => !seen.has(id))) {
      const jobs = await reserve(500, 60_000);
      expect(jobs.length).toBeGreaterThan(0);
      for (const { id } of jobs) {
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
    }
  });

  it.for<[PageHost, boolean]>([
    ["127.0.0.1", true],
    ["plain.test", false],
  ])("one tab has the queue until it goes: %s, a secure context: %s", async ([host, isSecure]) => {
    const tabs = [await chromium.open(faults, host)];
    tabs.push(await chromium.open(faults, host, tabs[0]), await chromium.open(faults, host, tabs[0]));
    const [first, second, third] = tabs as [Page, Page, Page];
    expect(await first.evaluate(() => isSecureContext)).toBe(isSecure);
    const use = (tab: Page) => tab.evaluate(() => queueOfPage.codeOf(() => queueOfPage.enqueue("work")));
    for (const tab of tabs) await tab.evaluate(() => queueOfPage.open("fused"));
    expect(await use(first)).toBe("");
    expect(await Promise.all([use(second), use(third), use(second)])).toEqual(Array(3).fill("STORE_LOCKED"));
    expect(await use(first)).toBe("");
    await first.close();
    // What two tabs wait for, one of them gets.
    const codes = await Promise.all([use(second), use(third)]);
    expect(codes.sort()).toEqual(["", "STORE_LOCKED"]);
    await second.reload();
    await second.evaluate(() => queueOfPage.open("fused"));
    await third.close();
    expect(await use(second)).toBe("");
    expect(await second.evaluate(() => queueOfPage.counts())).toEqual({ ready: 4 });
    await second.context().close();
  });

  it("the adapters in memory work as well, and forget", async () => {
    await open("all in memory");
    await page.evaluate(() => queueOfPage.enqueueAll([1, 2]));
    for (const { id } of await reserve(2, 60_000)) await done(id);
    expect(await counts()).toEqual({ done: 2 });
    await reload("all in memory");
    expect(await counts()).toEqual({});
  });
});
