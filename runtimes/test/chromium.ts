import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright-core";
import { requireAll } from "./bundle.ts";

const CHROMIUM = process.env.JOBQ_TEST_CHROMIUM ?? "/usr/bin/chromium";

/** True where there is no Chromium, and may be none. */
export const isMissing = !requireAll && !existsSync(CHROMIUM);

/** A Chromium, and a site to look at with it. */
export interface Site {
  readonly browser: Browser;
  readonly url: string;
  close(): Promise<void>;
}

/** Opens a site that has these scripts by their paths, and the document everywhere else. */
export async function openSite(scripts: ReadonlyMap<string, Uint8Array>, document: string): Promise<Site> {
  const server = createServer(({ url = "/" }, response) => {
    const script = scripts.get(url);
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ?? document);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
  return {
    browser,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      await browser.close();
      server.close();
    },
  };
}
