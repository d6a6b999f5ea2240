import { createServer, type StaticFile } from "@jobq/server";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { rig } from "./rig.ts";

const gzip = async (text: string): Promise<Uint8Array<ArrayBuffer>> => {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

const files: readonly StaticFile[] = [
  { path: "", type: "text/html; charset=utf-8", gzip: await gzip("<p>page</p>") },
  { path: "assets/a-1.js", type: "text/javascript; charset=utf-8", gzip: await gzip("run()") },
];
const dashboard = { files: async () => files };

describe("the option dashboard", () => {
  test("serves a page at the base path and its files below it, without a key", async () => {
    const { server } = rig({
      dashboard,
      basePath: "/queue",
      keys: [{ name: "a", role: "viewer", key: "a-key-0123456789-ab" }],
    });
    const page = await server.fetch(new Request("http://localhost/queue/"));
    expect([page.status, await page.text()]).toEqual([200, "<p>page</p>"]);
    const script = await server.fetch(new Request("http://localhost/queue/assets/a-1.js"));
    expect([script.headers.get("content-type"), await script.text()]).toEqual([
      "text/javascript; charset=utf-8",
      "run()",
    ]);
    expect((await server.fetch(new Request("http://localhost/queue/api/v1/jobs"))).status).toBe(401);
  });

  test("leads from the base path without its slash to the page, without a key", async () => {
    const keys = [{ name: "a", role: "viewer", key: "a-key-0123456789-ab" }] as const;
    const { server } = rig({ dashboard, basePath: "/a/queue", keys });
    const bare = await server.fetch(new Request("http://localhost/a/queue"));
    expect([bare.status, bare.headers.get("location")]).toEqual([308, "queue/"]);
    const page = await server.fetch(new Request(new URL("queue/", "http://localhost/a/queue")));
    expect([page.status, await page.text()]).toEqual([200, "<p>page</p>"]);
    const posted = await server.fetch(new Request("http://localhost/a/queue", { method: "POST" }));
    expect(posted.status).toBe(401); // a path that there is, but nothing that is open
    expect((await rig({ basePath: "/queue" }).server.fetch(new Request("http://localhost/queue"))).status).toBe(404);
  });

  test("serves a host that takes the path off, without a base path", async () => {
    const app = new Hono();
    app.get("/queue", (context) => context.redirect("queue/", 308)); // as docs/http-api.md has it
    app.mount("/queue", rig({ dashboard }).server.fetch);
    const kept = rig({ dashboard, basePath: "/kept" }).server;
    app.all("/kept/*", ({ req }) => kept.fetch(req.raw));
    for (const path of ["/queue/", "/queue/assets/a-1.js", "/queue/api/v1/jobs", "/kept/", "/kept/api/v1/jobs"]) {
      expect((await app.request(`http://localhost${path}`)).status, path).toBe(200);
    }
    for (const path of ["queue", "kept"]) {
      const bare = await app.request(`http://localhost/${path}`);
      expect([bare.status, bare.headers.get("location")]).toEqual([308, `${path}/`]);
    }
  });

  test("sends gzip to those who take it, as it is", async () => {
    const { server } = rig({ dashboard });
    const headers = { "accept-encoding": "gzip, br" };
    const response = await server.fetch(new Request("http://localhost/assets/a-1.js", { headers }));
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("vary")).toBe("accept-encoding");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(files[1]?.gzip);
  });

  test("lets the page load and call nothing but this server, and nobody frame it", async () => {
    const { server } = rig({ dashboard });
    const { headers } = await server.fetch(new Request("http://localhost/"));
    const policy = new Map(
      headers
        .get("content-security-policy")
        ?.split("; ")
        .map((rule) => rule.split(/ (.*)/s) as [string, string]),
    );
    expect(policy.get("default-src")).toBe("'none'");
    for (const rule of ["script-src", "style-src", "img-src", "connect-src"]) expect(policy.get(rule)).toBe("'self'");
    for (const rule of ["frame-ancestors", "form-action", "base-uri"]) expect(policy.get(rule)).toBe("'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-cache");
  });

  test("serves no other path, and nothing where there is no dashboard", async () => {
    const { server } = rig({ dashboard });
    for (const path of ["/assets/b.js", "/assets/..%2fpackage.json", "/index.html", "/assets/"]) {
      expect((await server.fetch(new Request(`http://localhost${path}`))).status, path).toBe(404);
    }
    expect((await rig().server.fetch(new Request("http://localhost/"))).status).toBe(404);
  });

  test("asks for the files again after they could not be had", async () => {
    let calls = 0;
    const failing = {
      files: async () => {
        calls += 1;
        if (calls === 1) throw new Error("no disk");
        return files;
      },
    };
    const { server, errors } = rig({ dashboard: failing });
    expect((await server.fetch(new Request("http://localhost/"))).status).toBe(500);
    expect(errors).toEqual(["serving page: no disk"]);
    expect((await server.fetch(new Request("http://localhost/"))).status).toBe(200);
  });

  test("is refused when it is something else", () => {
    const { svc } = rig();
    expect(() => createServer(svc, { dashboard: true as never })).toThrow(TypeError);
  });
});
