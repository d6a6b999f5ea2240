import { type ChildProcess, spawn } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binary, bundle, pathOf } from "./bundle.ts";
import { factsWithoutContexts } from "./facts.ts";

const workerd = binary("@cloudflare/workerd-linux-64/bin/workerd");

describe.skipIf(!workerd)("on workerd", { timeout: 120_000 }, () => {
  let child: ChildProcess;
  let base: string;

  beforeAll(async () => {
    await bundle("edge", { platform: "neutral", mainFields: ["module", "main"] });
    await copyFile(pathOf("src/edge.capnp"), pathOf("tmp/edge.capnp"));
    child = spawn(workerd as string, ["serve", "--control-fd=3", pathOf("tmp/edge.capnp")], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    base = await new Promise((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`workerd exited with ${code}`)));
      child.stdio[3]?.on("data", (line: Buffer) => {
        const { event, port } = JSON.parse(line.toString().split("\n")[0] as string);
        if (event === "listen") resolve(`http://127.0.0.1:${port}`);
      });
    });
  });
  afterAll(() => child?.kill());

  const get = async (path: string): Promise<unknown> => (await fetch(base + path)).json();

  it("the promises are kept within a request", async () => {
    expect(await get("/promises")).toEqual({ memory: factsWithoutContexts });
  });

  it.each(["/shared", "/object"])("%s: a job of one request becomes due in another", async (path) => {
    expect(await get(`${path}/enqueue`)).toEqual(expect.any(String));
    expect(await get(`${path}/reserve`)).toEqual(["kept"]);
  });
});
