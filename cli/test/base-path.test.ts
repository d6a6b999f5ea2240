import { readdir, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { folder, jobq, serving, start } from "./terminal.ts";

/** The same address behind a proxy that hands on every path, and Host, as it comes. */
async function proxied(url: string): Promise<string> {
  const { origin, pathname } = new URL(url);
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const passed = request(new URL(incoming.url ?? "", origin), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    outgoing.on("close", () => passed.destroy());
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${pathname}`;
}

async function firstEvent(url: string): Promise<string> {
  const { body } = await fetch(`${url}/api/v1/events`);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

async function servesAll(url: string): Promise<void> {
  const page = await fetch(url); // led to the slash
  expect([page.status, page.url]).toEqual([200, `${url}/`]);
  const [, script = "none"] = /<script[^>]+src="([^"]+)"/.exec(await page.text()) ?? [];
  for (const file of [script, "api/v1/openapi.json", "metrics", "health"]) {
    expect((await fetch(new URL(file, page.url))).status, file).toBe(200);
  }
  expect(await firstEvent(url)).toContain("event: connected");
  const echoed = await jobq(["submit", "--url", url, "-t", "echo", "-p", '"hi"', "--wait", "10s"]);
  expect([echoed.code, echoed.stdout.trim()]).toEqual([0, '"hi"']);
  expect((await fetch(new URL("/api/v1/jobs", url))).status).toBe(404);
}

describe("jobq serve --base-path", () => {
  it("puts everything below it, as commands find it by the address that is printed", async () => {
    const url = await serving(["--base-path", "/a/queue"]);
    expect(new URL(url).pathname).toBe("/a/queue");
    const outside = await jobq(["topics", "--url", new URL(url).origin]);
    expect(outside.code).not.toBe(0);
    expect(outside.stderr).toContain("--base-path belongs to the address");
    await servesAll(url);
  });

  it("serves a proxy that keeps the path", async () => {
    await servesAll(await proxied(await serving(["--base-path", "/a/queue"])));
  });

  it("is taken of the environment and the configuration as well, and may be nothing", async () => {
    const cwd = await folder();
    await writeFile(join(cwd, "jobq.json"), '{ "basePath": "/configured" }');
    const paths = [
      await serving([], { cwd }),
      await serving([], { cwd, env: { JOBQ_BASE_PATH: "/named" } }),
      await serving(["--base-path", "/"], { cwd }),
    ].map((url) => new URL(url).pathname);
    expect(paths).toEqual(["/configured", "/named", "/"]);
  });

  it.each([
    ["a base path that is none", ["--base-path", "queue"], "--base-path"],
    ["keys that are none", ["--config", "keys.json"], "keys.json: keys[0].role"],
  ])("leaves no store behind where it refuses %s", async (_, args, named) => {
    const cwd = await folder();
    await writeFile(join(cwd, "keys.json"), '{ "keys": [{ "name": "a", "role": "boss", "key": "0123456789abcdef" }] }');
    const { code, stderr } = await start(["serve", "--http", ":0", ...args], { cwd }).ended;
    expect([code, stderr.includes(named)]).toEqual([2, true]);
    expect(await readdir(cwd)).toEqual(["keys.json"]);
  });
});
