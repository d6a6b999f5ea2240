import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";

const PROGRAM = process.env.JOBQ_TEST_CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP plain.test 127.0.0.1",
];

/** Where the page comes from: over plain http, only the machine itself is a secure context. */
export type PageHost = "127.0.0.1" | "plain.test";

/** Why there is no browser here; undefined when there is one. Under JOBQ_TEST_REQUIRE_ALL=1 there has to be. */
export function whyNoChromium(): string | undefined {
  if (existsSync(PROGRAM)) return undefined;
  if (process.env.JOBQ_TEST_REQUIRE_ALL === "1") throw new Error(`there is no ${PROGRAM}`);
  return `there is no ${PROGRAM}`;
}

/** A browser, and a server of the page with the queues. */
export class Chromium {
  readonly #browser: Browser;
  readonly #server: Server;

  private constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async launch(): Promise<Chromium> {
    const server = await serve(await bundle());
    const browser = await chromium.launch({ executablePath: PROGRAM, chromiumSandbox: false, args: ARGUMENTS });
    return new Chromium(browser, server);
  }

  /** The page in a profile of its own, or as another tab beside one; `faults` gets what goes wrong in it. */
  async open(faults: string[], host: PageHost = "127.0.0.1", beside?: Page): Promise<Page> {
    const page = await (beside?.context() ?? (await this.#browser.newContext())).newPage();
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.goto(`http://${host}:${(this.#server.address() as AddressInfo).port}/`);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    conditions: ["@jobq/source"],
  });
  return outputFiles[0]?.text ?? "";
}

async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : "<!doctype html><meta charset=utf-8><script src=/page.js></script>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
