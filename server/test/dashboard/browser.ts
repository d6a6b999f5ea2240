import { existsSync } from "node:fs";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer, type ServerOptions } from "@jobq/server";
import { dashboard } from "@jobq/server/dashboard";
import { type Listening, listen } from "@jobq/server/node";
import { createService, type JobService } from "@jobq/service";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";

const CHROMIUM = process.env.JOBQ_TEST_CHROMIUM ?? "/usr/bin/chromium";

/** True where there is no browser, and need not be. */
export const isMissing: boolean = !existsSync(CHROMIUM) && process.env.JOBQ_TEST_REQUIRE_ALL === undefined;

/** How a page of the dashboard is opened. */
export interface OpenOptions {
  readonly server?: ServerOptions | ((svc: JobService) => ServerOptions);
  readonly width?: number;
  readonly theme?: "light" | "dark";
  /** Run in the page before anything else. */
  readonly script?: string;
}

/** A page of the dashboard, and what is behind it. */
export interface Opened {
  readonly page: Page;
  readonly svc: JobService;
  /** Goes to another page of it. */
  readonly go: (hash: string) => Promise<unknown>;
  /** What the browser complained about, and requests to other hosts. */
  readonly faults: readonly string[];
}

/** For the tests of a `describe`: opens the dashboard of a server over memory, which goes with the test. */
export function dashboardOpener(): (hash?: string, options?: OpenOptions) => Promise<Opened> {
  let browser: Browser;
  let context: BrowserContext;
  let svc: JobService;
  let listening: Listening;

  beforeAll(async () => {
    const args = ["--disable-background-networking"];
    browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false, args });
  }, 60_000);
  afterAll(() => browser?.close());
  afterEach(async () => {
    await context.close();
    await listening.close({ deadline: 0 });
    await svc.close({ deadline: 0 }); // what tests hold is not waited for
  }, 60_000);

  return async (hash = "", { server = {}, width = 1280, theme = "light", script } = {}) => {
    svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
    const options = typeof server === "function" ? server(svc) : server;
    listening = await listen(createServer(svc, { dashboard: dashboard(), ...options }), { port: 0 });
    const { url } = listening;
    context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme });
    if (script !== undefined) await context.addInitScript(script);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        faults.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) faults.push(request.url());
    });
    page.setDefaultTimeout(20_000);
    const go = (to: string): Promise<unknown> => page.goto(`${url}/${to}`);
    await go(hash);
    return { page, svc, go, faults };
  };
}
