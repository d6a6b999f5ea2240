import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { folder, isMissing } from "./installed.ts";

/** Next.js takes the packages as they are built. */
const isBuilt = existsSync(fileURLToPath(new URL("../../../server/dist", import.meta.url)));

/** Signs somebody up by the program's own route, and finds the job by that of the queue. */
async function expectJob(url: string): Promise<string> {
  const body = JSON.stringify({ email: "ada@example.com" });
  const headers = { "content-type": "application/json" };
  const made = await fetch(`${url}/sign-up`, { method: "POST", headers, body });
  const { id } = (await made.json()) as { id: string };
  const seen = await fetch(`${url}/queue/api/v1/jobs/${id}`);
  expect([seen.status, ((await seen.json()) as { id: string }).id]).toEqual([200, id]);
  const submitted = await fetch(`${url}/queue/api/v1/jobs`, {
    method: "POST",
    headers,
    body: JSON.stringify({ type: "welcome", payload: { email: "bob@example.com" } }),
  });
  expect(submitted.status).toBe(201);
  return id;
}

describe.skipIf(isMissing)("the server is mounted, and a request enqueues, in", () => {
  it("NestJS", async () => {
    const { createApp } = await import("../src/nest.ts");
    const app = await createApp();
    try {
      await app.listen(0, "127.0.0.1");
      await expectJob(await app.getUrl());
    } finally {
      await app.close();
    }
  });

  it.skipIf(!isBuilt && process.env.JOBQ_TEST_REQUIRE_ALL === undefined)(
    "Next.js, whose server runs the worker",
    { timeout: 300_000 },
    async () => {
      const next = `${folder}node_modules/next/dist/bin/next`;
      const options = { cwd: `${folder}next`, env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } };
      execFileSync(process.execPath, [next, "build"], { ...options, stdio: "pipe" });
      const server = spawn(process.execPath, [next, "start", "-p", "0", "-H", "127.0.0.1"], options);
      try {
        const url = await new Promise<string>((resolve, reject) => {
          let log = "";
          server.stdout.on("data", (text) => {
            log += text;
            const found = /(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Ready/.exec(log);
            if (found) resolve(found[1] as string);
          });
          server.once("exit", () => reject(new Error(log)));
        });
        const id = await expectJob(url);
        const result = await fetch(`${url}/queue/api/v1/jobs/${id}/wait?timeout=30s`);
        expect(await result.json()).toMatchObject({ result: { output: "welcome, ada@example.com" } });
      } finally {
        server.kill();
      }
    },
  );
});
