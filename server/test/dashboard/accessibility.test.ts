import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ServerOptions } from "@jobq/server";
import type { JobService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, daily, every } from "@jobq/service/cron";
import { createWorker, defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { reserveOne } from "../rig.ts";
import { dashboardOpener, isMissing, type OpenOptions } from "./browser.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const modules = (svc: JobService): ServerOptions => ({
  schedules: createSchedules(svc),
  workflows: createWorkflows(svc),
  bundles: createBundles(svc),
});

/** Jobs in every state, and whatever else there is to be seen; the pages that show it. */
async function filled(svc: JobService): Promise<readonly string[]> {
  const tags = { tenant: "7" };
  await svc.enqueue("emails", { to: "ada" }, { tags, delay: "1h", unique: "key-7", origin: "signup" });
  await svc.enqueue("emails", { to: "bob" }, { limit: { key: "a", concurrency: 1 } });
  const waiting = await svc.enqueue("emails", { to: "eve" }, { limit: { key: "a", concurrency: 1 } });
  const running = await svc.enqueue("videos", { file: "a.mp4" });
  await (await reserveOne(svc, "videos")).progress(0.4, "encoding");
  const done = await svc.enqueue("reports", { month: 1 });
  await (await reserveOne(svc, "reports")).done({ pages: 3 });
  const dead = await svc.enqueue("payments", { amount: 5 }, { maxRetries: 1 });
  await (await reserveOne(svc, "payments")).retry({ error: new Error("declined"), delay: 0 });
  const last = await reserveOne(svc, "payments");
  for (let line = 0; line < 40; line++) await last.log(`line ${line}`);
  await last.retry({ error: Object.assign(new Error("declined again"), { status: 402 }) });
  await svc.cancel(await svc.enqueue("payments", {}), "not needed");
  await svc.pause("payments");

  const send = defineJob("send", { topic: "emails", run: () => undefined });
  const schedules = createSchedules(svc);
  await schedules.set("report", daily("09:00"), { job: send });
  await schedules.set("ping", every("5m"), { job: send });
  await schedules.pause("ping");
  const bundle = await createBundles(svc).enqueue("images", [
    { topic: "resize", payload: 1 },
    { topic: "resize", payload: 2 },
  ]);
  return [
    ...["#/", "#/jobs", "#/jobs?state=delayed&tag=tenant%3A7", "#/jobs?type=nothing", "#/dead-letters"],
    ...[waiting, running, done, dead, await waitingRun(svc)].map((id) => `#/jobs/${id}`),
    ...["#/jobs/not-there", "#/workflows", "#/schedules", "#/bundles", `#/bundles/${bundle.id}`, "#/nowhere"],
  ];
}

/** A run that waits for a signal. */
async function waitingRun(svc: JobService): Promise<string> {
  const approve = defineWorkflow("approve", async (ctx) => {
    await ctx.step("prepare", () => 1);
    await ctx.waitFor("approved", { timeout: "1h" });
  });
  const worker = createWorker(svc, { jobs: [approve] });
  const suspended = new Promise<void>((resolve) => svc.on("suspended", () => resolve()));
  const id = await svc.enqueue(approve, undefined);
  await worker.start();
  await suspended;
  await worker.stop();
  return id;
}

/** Everything that axe finds wrong, a line each. */
function faultsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(`axe.run({ runOnly: ${JSON.stringify(TAGS)}, resultTypes: ["violations"] }).then(
    ({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, html, any }) => [id, target.join(" "), html.slice(0, 120), any[0]?.message ?? ""].join(" | "))))`);
}

/** Resolves when what the page loads is there. */
async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator(".skeleton, [aria-busy=true]").first().waitFor({ state: "detached" });
}

/** The focused element, as a screen reader would name it; the empty string when it is the page itself. */
function focused(page: Page): Promise<string> {
  return page.evaluate(`(() => {
    const { activeElement: element } = document;
    if (!element || element === document.body) return "";
    const label = element.getAttribute("aria-label") ?? document.getElementById(element.getAttribute("aria-labelledby"))?.textContent;
    const text = label ?? element.labels?.[0]?.textContent ?? element.textContent;
    return element.tagName.toLowerCase() + " " + text.trim().replace(/\\s+/g, " ").slice(0, 60);
  })()`);
}

/** Colours are a matter of the theme, and what fits of the width: each is seen once. */
const LOOKS: readonly OpenOptions[] = [
  { theme: "light", width: 1280 },
  { theme: "dark", width: 360 },
];

describe.skipIf(isMissing)("the dashboard, for those who do not see it or use no mouse,", () => {
  const open = dashboardOpener();

  test.each(LOOKS)(
    "has no page that axe finds fault with: $theme, $width px",
    async (look) => {
      const { page, svc, go, faults } = await open("", { ...look, server: modules, script: AXE });
      await settled(page);
      const found = new Map([["empty", await faultsOf(page)]]);
      for (const hash of await filled(svc)) {
        await go("#/nowhere");
        await go(hash);
        await settled(page);
        for (const name of ["Show payload", "Show payload and result"]) {
          const button = page.getByRole("button", { name, exact: true });
          if ((await button.count()) > 0) await button.click();
        }
        for (const details of await page.locator("summary").all()) await details.click();
        await settled(page);
        found.set(hash, await faultsOf(page));
        expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), hash).toBe(0);
      }
      expect([...found].filter(([, all]) => all.length > 0)).toEqual([]);
      expect(faults).toEqual([]);
    },
    120_000,
  );

  test.each(LOOKS)("asks for a key, and before it does something, without fault: $theme, $width px", async (look) => {
    const keys = [{ name: "ada", role: "admin", key: "ada-key-0123456789" }] as const;
    const { page, svc, go } = await open("", { ...look, server: { keys }, script: AXE });
    const input = page.getByLabel("API key");
    await input.fill("wrong-key-0123456789");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await input.fill("ada-key-0123456789");
    await page.keyboard.press("Enter");
    await settled(page);
    await go(`#/jobs/${await svc.enqueue("a")}`);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  test("shows where the focus is, and goes through a page from its top to its end", async () => {
    const { page, svc, go } = await open("", { server: modules });
    for (const hash of await filled(svc)) {
      await page.goto("about:blank");
      await go(hash);
      await settled(page);
      const stops: string[] = [];
      for (;;) {
        await page.keyboard.press("Tab");
        const stop = (await page.evaluate(`(() => {
          const { activeElement: element } = document;
          const before = window.last;
          window.last = element === document.body ? undefined : element;
          if (!window.last) return undefined;
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          return {
            isShown: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
            isBelow: !before?.isConnected || Boolean(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
          };
        })()`)) as { isShown: boolean; isBelow: boolean } | undefined;
        const name = await focused(page);
        if (!stop || name === stops[0]) break; // from the end it goes to the browser's own controls, or to the top again
        const faults = [stop.isShown ? [] : ["has no outline"], stop.isBelow ? [] : ["is above the last"]].flat();
        stops.push([name, ...faults].join(": "));
      }
      expect(
        stops.filter((stop) => /: (has no outline|is above the last)/.test(stop)),
        hash,
      ).toEqual([]);
      expect(stops[0]).toBe("button Skip to the content");
      expect(stops.length, hash).toBeGreaterThan(9);
    }
  }, 120_000);

  test("keeps the focus in a question, and gives it back", async () => {
    const { page, svc, go } = await open("#/jobs");
    await go(`#/jobs/${await svc.enqueue("a")}`);
    const cancel = page.getByRole("button", { name: "Cancel", exact: true });
    await cancel.focus();
    await page.keyboard.press("Enter");
    const stops = new Set<string>();
    for (let press = 0; press < 6; press++) {
      stops.add(await focused(page));
      await page.keyboard.press("Tab");
    }
    stops.delete(""); // the browser's own controls
    expect([...stops]).toEqual(["button Keep as it is", "button Cancel job"]);
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("button Cancel");
  });

  test("loses the focus by nothing that is done with it", async () => {
    const { page, svc, go } = await open("#/jobs");
    await page.getByText("There are no jobs yet").waitFor();
    const id = await svc.enqueue("a", 1, { tags: { tenant: "7" } });
    const press = async (role: "button" | "link", name: string): Promise<void> => {
      await page.getByRole(role, { name, exact: true }).focus();
      await page.keyboard.press("Enter");
    };
    const becomes = (text: string) => expect.poll(() => focused(page)).toBe(text);

    await page.getByRole("button", { name: "1 new job since – show" }).focus();
    await page.keyboard.press("Enter");
    await becomes("section Jobs");
    await press("link", "tenant:7");
    await press("button", "Without the tag tenant:7");
    await becomes("h1 Jobs");

    await go(`#/jobs/${id}`);
    await press("button", "Show payload");
    await becomes("section Payload");
    await press("button", "Cancel");
    await press("button", "Cancel job");
    await page.getByText("The job is cancelled.").waitFor();
    await becomes("h1 a Cancelled");

    await go("#/");
    await press("button", "Pause a");
    await press("button", "Pause topic");
    await page.getByText("a is paused.").waitFor();
    await becomes("button Resume a");
  });

  test("says what became of an action, and of a key, once", async () => {
    const keys = [{ name: "ada", role: "admin", key: "ada-key-0123456789" }] as const;
    const script = `window.said = [];
      new MutationObserver((changes) => {
        for (const { addedNodes, target } of changes)
          for (const node of addedNodes) {
            const region = (node.closest ? node : target).closest?.("[role=status], [role=alert]");
            const text = node.textContent.trim();
            if (region && text) window.said.push(region.getAttribute("role") + ": " + text);
          }
      }).observe(document, { childList: true, subtree: true });`;
    const { page, svc, go } = await open("", { server: { keys }, script });
    await page.getByLabel("API key").fill("ada-key-0123456789");
    await page.keyboard.press("Enter");
    await settled(page);
    const id = await svc.enqueue("a");
    await go(`#/jobs/${id}`);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("button", { name: "Cancel job" }).click();
    await page.getByRole("button", { name: "Retry" }).waitFor();
    const said = (await page.evaluate("window.said")) as string[];
    expect(said.filter((text) => !/: (Live|Connecting)$/.test(text))).toEqual(["status: The job is cancelled."]);
  });
});
