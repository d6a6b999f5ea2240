import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, jobq, serving, start } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);
const SERVICE = new URL("../../node_modules/@jobq/service/src/", import.meta.url).href;
const MISSING = "01a21c13-57cb-70db-92fb-9d573c28a2b6";

/** A module whose runs wait for a signal, and which makes a bundle. */
async function module(): Promise<string> {
  const cwd = await folder();
  await writeFile(
    join(cwd, "jobs.mjs"),
    `import { createBundles } from "${SERVICE}bundle/index.ts";
     import { defineWorkflow } from "${SERVICE}workflow/index.ts";
     export const approve = defineWorkflow("approve", async (ctx) => {
       const { by } = await ctx.waitFor("approved");
       return "by " + by;
     });
     export const setup = async (svc) => {
       const bundles = createBundles(svc);
       if ((await bundles.list()).length === 0) await bundles.enqueue("images", [{ topic: "resize", payload: 1 }]);
     };`,
  );
  return cwd;
}

async function steered(at: readonly string[], cwd: string, id: string): Promise<void> {
  const run = async (...args: string[]) => jobq([...args, ...at], { cwd });
  expect(json(await run("workflows", "--json", "--live"))).toMatchObject([{ id, workflow: "approve" }]);
  expect((await run("workflows")).stdout).toContain(id);
  expect(json(await run("workflows", "--json", "--state", "done"))).toEqual([]);
  expect(json(await run("workflows", "--json", "--limit", "20000"))).toMatchObject([{ id }]); // more than one call has
  const { waitsFor, steps } = json(await run("workflows", "get", id, "--json"));
  expect([waitsFor[0].name, steps[0].kind, steps[0].state]).toEqual(["approved", "signal", "waiting"]);
  expect((await run("workflows", "get", id)).stdout).toMatch(/waits for +signal approved/);
  expect((await run("workflows", "signal", id, "aproved")).code).toBe(0);
  expect((await run("workflows", "get", id)).stdout).toMatch(/kept signals +1 aproved \(since /);
  expect((await run("workflows", "signal", id, "approved", "-p", '{"by":"ada"}')).code).toBe(0);
  const [bundle] = json(await run("bundles", "--json"));
  expect(bundle).toMatchObject({ name: "images", total: 1, live: 1 });
  expect((await run("bundles", "--name", "images")).stdout).toMatch(new RegExp(`images +${bundle.state} `));
  expect((await run("bundles", "get", bundle.id)).stdout).toMatch(new RegExp(`state +${bundle.state}\n`));
  expect(json(await run("bundles", "get", bundle.id, "--json"))).toEqual(bundle);
  expect((await run("bundles", "get", bundle.id)).stdout).toContain("1 live of 1");
  const members = json(await run("list", "--group", bundle.id, "--json"));
  expect(members).toMatchObject([{ topic: "resize", group: bundle.id }]);
  expect((await run("cancel", "--group", bundle.id, "--dry-run")).stdout).toContain("1 job would be canceled");
  expect(json(await run("list", "--group", MISSING, "--json"))).toEqual([]);
  expect((await run("bundles", "cancel", bundle.id)).code).toBe(0);
  expect((await run("bundles", "cancel", bundle.id)).code).toBe(4);
  expect((await run("bundles", "--live")).stdout).toBe("");
  for (const args of [
    ["workflows", "get"],
    ["workflows", "cancel"],
    ["bundles", "get"],
    ["bundles", "cancel"],
  ]) {
    expect((await run(...args, MISSING)).code, args.join(" ")).toBe(3);
  }
  expect((await run("workflows", "signal", id)).code).toBe(2);
  expect((await run("workflows", "stop", id)).code).toBe(2);
  expect((await run("workflows", "--state", "dead")).code).toBe(2);
}

async function waiting(url: string): Promise<string> {
  const at = ["--url", url, "--json"];
  const { id } = json(await jobq(["submit", "-t", "approve", ...at]));
  while (json(await jobq(["workflows", "get", id, ...at])).waitsFor.length === 0);
  return id;
}

describe("jobq workflows and bundles", () => {
  it("work on a server", async () => {
    const cwd = await module();
    const url = await serving(["--jobs", "jobs.mjs"], { cwd });
    const id = await waiting(url);
    await steered(["--url", url], cwd, id);
    expect(json(await jobq(["status", id, "--wait", "10s", "--json", "--url", url])).result).toBe("by ada");
    expect((await jobq(["workflows", "cancel", id, "--url", url])).code).toBe(4);
  });

  it("work on a store, and a server goes on with what was sent there", async () => {
    const cwd = await module();
    const serve = () => start(["serve", "--http", ":0", "--jobs", "jobs.mjs"], { cwd });
    const first = serve();
    const id = await waiting((await first.printed(/http:\S+/))[0]);
    first.stop();
    await first.ended;
    await steered(["--store", "level://data"], cwd, id);
    const second = serve();
    const [url] = await second.printed(/http:\S+/);
    expect(json(await jobq(["status", id, "--wait", "10s", "--json", "--url", url])).result).toBe("by ada");
    second.stop();
    await second.ended;
  });

  it("cancel a run that waits", async () => {
    const cwd = await module();
    const url = await serving(["--jobs", "jobs.mjs"], { cwd });
    const id = await waiting(url);
    expect((await jobq(["workflows", "cancel", id, "--reason", "no", "--url", url])).code).toBe(0);
    const { state, reason } = json(await jobq(["status", id, "--wait", "10s", "--json", "--url", url]));
    expect([state, reason]).toEqual(["canceled", "canceled"]);
  });
});
