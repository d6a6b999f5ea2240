import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { createServer, type Plugin } from "vite";
import { expect, it } from "vitest";

const CHROMIUM = process.env.JOBQ_TEST_CHROMIUM ?? "/usr/bin/chromium";
const isMissing = !existsSync(CHROMIUM) && process.env.JOBQ_TEST_REQUIRE_ALL === undefined;

/** Keeps what is posted to `/notes`, and fails while it is told to. */
function notesServer() {
  const seen = new Map<unknown, string>();
  const state = { seen, isDown: false };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (!state.isDown) seen.set(request.headers["idempotency-key"], JSON.parse(body).text);
    response.writeHead(state.isDown ? 503 : 201).end();
  };
  const plugin: Plugin = { name: "notes", configureServer: ({ middlewares }) => void middlewares.use("/notes", serve) };
  return { state, plugin };
}

async function add(page: Page, text: string): Promise<void> {
  await page.fill("#text", text);
  await page.click("button");
  await page.getByRole("listitem").filter({ hasText: text }).waitFor();
}

it.skipIf(isMissing)(
  "notes wait while the network is away, through a reload, and are sent in order",
  {
    timeout: 120_000,
  },
  async () => {
    const root = fileURLToPath(new URL("../browser", import.meta.url));
    const cacheDir = fileURLToPath(new URL("../tmp/vite", import.meta.url));
    const { state, plugin } = notesServer();
    const server = await createServer({ root, cacheDir, logLevel: "error", server: { port: 0 }, plugins: [plugin] });
    const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
    try {
      await server.listen();
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(String(error)));
      await page.goto(server.resolvedUrls?.local[0] as string);
      await page.getByText("online, 0 waiting").waitFor();

      await page.context().setOffline(true);
      await add(page, "first");
      await add(page, "second");
      await page.getByText("offline, 2 waiting").waitFor();
      expect(state.seen.size).toBe(0);

      state.isDown = true; // the network is back, the server is not: a reload finds both notes
      await page.context().setOffline(false);
      await page.reload();
      await page.getByText("online, 2 waiting").waitFor();
      await add(page, "third");

      state.isDown = false;
      await page.getByText("online, 0 waiting").waitFor();
      expect([...state.seen.values()]).toEqual(["first", "second", "third"]);
      const listed = () => page.getByRole("listitem").allTextContents();
      await expect.poll(listed).toEqual(["firstsent", "secondsent", "thirdsent"]);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
      await server.close();
    }
  },
);
