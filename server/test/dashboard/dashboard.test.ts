import { dashboard } from "@jobq/server/dashboard";
import { createBundles } from "@jobq/service/bundle";
import { createWorker, defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { reserveOne } from "../rig.ts";
import { dashboardOpener, isMissing } from "./browser.ts";

const MARKUP = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";

describe.skipIf(isMissing)("the dashboard", () => {
  const open = dashboardOpener();
  const link = (page: Page, name: string) => page.getByRole("link", { name, exact: true });
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

  test("shows what comes while one looks, and shows markup as text", async () => {
    const { page, svc, faults } = await open();
    await page
      .getByRole("heading", { name: "There are no jobs yet" })
      .or(page.getByText("There are no jobs yet"))
      .waitFor();
    const id = await svc.enqueue("emails", { to: MARKUP }, { name: MARKUP, tags: { tenant: MARKUP } });
    await page.getByRole("row", { name: /^emails 1/ }).waitFor();

    await link(page, "Jobs").click();
    await link(page, MARKUP).click();
    expect(new URL(page.url()).hash).toBe(`#/jobs/${id}`);
    await button(page, "Show payload").click();
    await page.getByText(JSON.stringify(MARKUP)).waitFor();
    const job = await reserveOne(svc, "emails");
    await job.log(MARKUP);
    await job.retry({ error: new Error(MARKUP) });
    await page.getByRole("list", { name: "Waits and attempts" }).getByText("Attempt 1").waitFor();
    await page.getByText("Failed, tried again").waitFor();
    await expect.poll(() => page.getByText(MARKUP).count()).toBeGreaterThanOrEqual(4);
    expect(await page.title()).toContain("jobq");
    expect(faults).toEqual([]);
  });

  test("asks before it cancels, and does nothing at a no", async () => {
    const { page, svc, go, faults } = await open("#/jobs");
    const id = await svc.enqueue("a");
    await go(`#/jobs/${id}`);
    await button(page, "Cancel").click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await svc.status(id)).toMatchObject({ state: "ready" });
    await button(page, "Cancel").click();
    await button(page, "Cancel job").click();
    await button(page, "Retry").waitFor();
    expect(await svc.status(id)).toMatchObject({ state: "canceled" });
    expect(faults).toEqual([]);
  });

  test("takes a question back when one goes to another page", async () => {
    const { page, svc, go, faults } = await open("#/jobs");
    const id = await svc.enqueue("a");
    await go(`#/jobs/${id}`);
    await button(page, "Cancel").click();
    await page.getByRole("dialog").waitFor();
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.goForward();
    await button(page, "Cancel").click();
    await button(page, "Keep as it is").click();
    expect(await svc.status(id)).toMatchObject({ state: "ready" });
    expect(faults).toEqual([]);
  });

  test("says why a job is not running", async () => {
    const { page, svc, go, faults } = await open("#/jobs");
    const id = await svc.enqueue("a");
    await svc.pause("a");
    await go(`#/jobs/${id}`);
    const { text } = (await svc.explain(id)) ?? {};
    await page.getByRole("note").filter({ hasText: "Why it is not running" }).getByText(`${text}`).waitFor();
    expect(text).toContain("paused");
    expect(faults).toEqual([]);
  });

  test("lists runs of workflows, shows what one waits for, and has it roll back once that was confirmed", async () => {
    const { page, svc, faults } = await open("#/workflows", {
      server: (service) => ({ workflows: createWorkflows(service) }),
    });
    await page.getByText("There are no runs").waitFor();
    const undone: string[] = [];
    const approve = defineWorkflow("approve", async (ctx) => {
      ctx.onRollback("forget", () => void undone.push("forget"));
      await ctx.waitFor("approved");
    });
    const worker = createWorker(svc, { jobs: [approve] });
    const suspended = new Promise<void>((resolve) => svc.on("suspended", () => resolve()));
    await svc.enqueue(approve, undefined);
    await svc.enqueue("no-run");
    await worker.start();
    await suspended;
    await page.getByLabel("State").selectOption("delayed");
    await link(page, "approve").click();
    await page.getByText("It waits for the signal approved").waitFor();
    await button(page, "Roll back").click();
    expect(undone).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
    await page.getByText("Cancelled", { exact: true }).first().waitFor();
    expect(undone).toEqual(["forget"]);
    await worker.stop();
    expect(faults).toEqual([]);
  });

  test("goes from page to page of a list, and back to the newest", async () => {
    const { page, svc, go, faults } = await open("#/workflows", {
      server: (service) => ({ workflows: createWorkflows(service) }),
    });
    const rows = page.getByRole("row").filter({ has: page.getByRole("cell") });
    await svc.enqueueMany(
      Array.from({ length: 28 }, () => ({ job: defineWorkflow<number>("order", (_, n) => n), payload: 1 })),
    );
    await svc.enqueueMany(
      Array.from({ length: 51 }, () => ({ topic: "a", payload: 1, options: { tags: { of: "a" } } })),
    );
    for (const [hash, count] of [
      ["#/workflows?workflow=order", 3],
      ["#/jobs?tag=of%3Aa", 1],
    ] as const) {
      await go(hash);
      await link(page, "Older").click();
      await expect.poll(() => rows.count()).toBe(count);
      expect(await link(page, "Older").count()).toBe(0);
      await link(page, "Newest").click();
      await link(page, "Older").waitFor();
      expect(new URL(page.url()).hash).toBe(hash);
    }
    expect(faults).toEqual([]);
  });

  test("finds a job by its unique key, and jobs by tag", async () => {
    const { page, svc, faults } = await open("#/jobs");
    const id = await svc.enqueue("a", 1, { unique: "key-7" });
    await svc.enqueue("a", 1, { name: "tagged", tags: { tenant: "7" } });
    const search = page.getByRole("searchbox");
    await search.fill("tenant:7");
    await search.press("Enter");
    await link(page, "tagged").waitFor();
    await expect.poll(() => page.getByRole("row").count()).toBe(2); // what was there before the search goes
    await search.fill("key-7");
    await search.press("Enter");
    await page.getByText(id).waitFor();
    expect(faults).toEqual([]);
  });

  test("searches for a text that is no id without a request that fails", async () => {
    const { page, svc, faults } = await open("#/jobs");
    const failed: string[] = [];
    page.on("response", (response) => void (response.ok() || failed.push(response.url())));
    await svc.enqueue("emails", 1, { unique: "key-7", tags: { tenant: "7" } });
    for (const text of ["key-7", "tenant:7", "emails"]) {
      const before = page.url();
      await page.getByRole("searchbox").fill(text);
      await page.getByRole("searchbox").press("Enter");
      await expect.poll(() => page.url()).not.toBe(before);
      await page.goBack();
    }
    for (const text of ["nobody", "two words", "01a21c13-57cb-70db-92fb-9d573c28a2b6"]) {
      await page.getByRole("searchbox").fill(text);
      await page.getByRole("searchbox").press("Enter");
      await expect.poll(() => page.getByText(`type or topic “${text}”`).count()).toBe(1);
    }
    expect([failed, faults]).toEqual([[], []]);
  });

  test("labels the values of a chart without data once each", async () => {
    const script = `window.drawn = new Set();
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        window.drawn.add(text + " at " + Math.round(y));
        draw.call(this, text, x, y);
      };`;
    const { page, faults } = await open("", { script });
    const labels = () => page.evaluate<string[]>("[...window.drawn].map((one) => one.split(' at ')[0])");
    await expect.poll(labels).toContain("0ms");
    expect((await labels()).filter((label) => label.endsWith("ms")).sort()).toEqual(["0ms", "1ms"]);
    expect(faults).toEqual([]);
  });

  test("shows ids as the search takes them", async () => {
    const { page, svc, faults } = await open("#/jobs");
    const id = await svc.enqueue("a");
    await svc.enqueue("a");
    const search = page.getByRole("searchbox");
    await search.fill((await page.getByRole("link", { name: id.slice(-12) }).textContent()) ?? "");
    await search.press("Enter");
    await button(page, "Show payload").waitFor();
    expect(new URL(page.url()).hash).toBe(`#/jobs/${id}`);
    expect(faults).toEqual([]);
  });

  test("asks nothing about a job that fails, whether or not it is a run", async () => {
    const { page, svc, go, faults } = await open("", {
      server: (service) => ({ workflows: createWorkflows(service) }),
    });
    const failed: string[] = [];
    page.on("response", (response) => void (response.ok() || failed.push(response.url())));
    const run = defineWorkflow("run", (ctx) => ctx.waitFor("approved"));
    const suspended = new Promise<void>((resolve) => svc.on("suspended", () => resolve()));
    const worker = createWorker(svc, { jobs: [run] });
    await worker.start();
    const ids = [await svc.enqueue("a"), await svc.enqueue("run")]; // a run that was enqueued by its topic
    await suspended;
    for (const id of ids) {
      const asked = page.waitForResponse(/\/workflows/);
      await go(`#/jobs/${id}`);
      await asked;
    }
    await page.getByText("It waits for the signal approved").waitFor();
    await worker.stop();
    expect([failed, faults]).toEqual([[], []]);
  });

  test("counts the jobs that wait for one, and not its dead letter", async () => {
    const { page, svc, go, faults } = await open("#/jobs");
    const send = defineJob("send", { run: () => undefined, onExhausted: { topic: "dead" } });
    const [alone, waitedFor] = [await svc.enqueue(send, undefined), await svc.enqueue(send, undefined)];
    await svc.enqueue("next", 1, { after: [waitedFor] });
    await go(`#/jobs/${alone}`);
    await page.getByText("Dead letters go to").waitFor();
    expect(await page.getByText("Waited for by").count()).toBe(0);
    await go(`#/jobs/${waitedFor}`);
    await page.getByText("Waited for by").waitFor();
    await page.getByText("1 job", { exact: true }).waitFor();
    expect(faults).toEqual([]);
  });

  test("has the name of the page in sight on a narrow screen", async () => {
    const { page, go, faults } = await open("#/jobs", {
      server: (svc) => ({ workflows: createWorkflows(svc), bundles: createBundles(svc) }),
      width: 360,
    });
    for (const name of ["Bundles", "Overview"]) {
      await go(name === "Overview" ? "#/" : "#/bundles");
      await page.getByRole("heading", { level: 1, name }).waitFor();
      const box = await link(page, name).boundingBox();
      expect([name, (box?.x ?? -1) >= 0, (box?.x ?? 0) + (box?.width ?? 0) <= 360]).toEqual([name, true, true]);
    }
    expect(faults).toEqual([]);
  });

  test("leads from a bundle to its members among the jobs, which keep to it until that is taken away", async () => {
    const { page, svc, go, faults } = await open("", { server: (service) => ({ bundles: createBundles(service) }) });
    const { id } = await createBundles(svc).enqueue("images", [
      { topic: "resize", payload: 1 },
      { topic: "resize", payload: 2 },
    ]);
    await svc.enqueue("other");
    await go(`#/bundles/${id}`);
    await link(page, "All 2, to filter").click();
    await link(page, "resize").first().waitFor();
    expect(await link(page, "other").count()).toBe(0);
    await button(page, `Without the group ${id}`).click();
    await link(page, "other").waitFor();
    expect(faults).toEqual([]);
  });

  test("retries dead letters once their number was confirmed, on a narrow screen too", async () => {
    const { page, svc, go, faults } = await open("#/dead-letters", { width: 360 });
    for (let index = 0; index < 3; index++) {
      await svc.enqueue("a", index, { maxRetries: 0 });
      await (await reserveOne(svc, "a")).retry({ error: "no" });
    }
    await button(page, "Retry all of these").click();
    expect(await svc.find({ state: "ready" })).toEqual([]);
    await button(page, "Retry 3 jobs").click();
    await page.getByText("3 jobs will run again.").waitFor();
    expect(await svc.find({ state: "ready" })).toHaveLength(3);
    for (const hash of ["#/", "#/jobs", `#/jobs/${(await svc.find())[0]?.id}`]) {
      await go(hash);
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), hash).toBe(0);
    }
    expect(faults).toEqual([]);
  });

  test("asks for a key, keeps it in the tab, and offers what its role may do", async () => {
    const vic = { name: "vic", role: "viewer", key: "vic-key-0123456789" } as const;
    const scraper = { name: "scraper", role: "metrics", key: "scraper-key-0123456789" } as const;
    const script = `window.marks = new Set();
      new MutationObserver(() => window.marks.add(document.querySelector(".live")?.textContent))
        .observe(document, { childList: true, subtree: true, characterData: true });`;
    const { page, svc, go, faults } = await open("#/jobs", { server: { keys: [vic, scraper] }, script });
    await page.getByLabel("API key").fill("wrong-key-0123456789");
    await button(page, "Sign in").click();
    await page.getByText("The server does not know this key.").waitFor();
    await page.getByLabel("API key").fill(scraper.key);
    await button(page, "Sign in").click();
    await page.getByText("This key is not enough: this takes the role viewer.").waitFor();
    await page.getByLabel("API key").fill(vic.key);
    await button(page, "Sign in").click();
    await page.getByText("There are no jobs yet").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await page.evaluate("[...window.marks].filter(Boolean)")).toEqual(["Live"]);
    const id = await svc.enqueue("a");
    await go(`#/jobs/${id}`);
    await page.reload();
    await button(page, "Show payload").waitFor();
    expect(await button(page, "Cancel").count()).toBe(0);
    await button(page, "Sign out").click();
    await page.getByLabel("API key").waitFor();
    expect(faults).toEqual([]);
  });
});

test("the dashboard is well under 100 kB, gzipped", async () => {
  const files = await dashboard().files();
  expect(files.map(({ path }) => path.replace(/-[\w-]+\./, "."))).toEqual(
    expect.arrayContaining(["", "assets/index.js", "assets/index.css", "assets/icon.svg"]),
  );
  expect(files.reduce((sum, { gzip }) => sum + gzip.byteLength, 0)).toBeLessThan(75_000);
});
