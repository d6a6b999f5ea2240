// The server of a round over HTTP, in a process of its own: the load must not take its time.
import { createServer as createHttpServer } from "node:http";
import { load } from "./bundle.mjs";

const { store, folder } = JSON.parse(process.argv[2] ?? "");

const serve = store === "none" ? bareServer : jobqServer;
process.send({ url: await serve() });
process.on("message", () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000, rss: process.memoryUsage().rss });
});

async function jobqServer() {
  const { createServer, createService, levelJobs, levelTopics, memoryJobs, memoryTopics } = await load();
  const { getRequestListener } = await import("@hono/node-server");
  const durability = store;
  const svc = createService(
    store === "memory"
      ? { jobs: memoryJobs(), topics: memoryTopics() }
      : { jobs: levelJobs(folder, { durability }), topics: levelTopics(folder, { durability }) },
  );
  await svc.topics();
  const server = createServer(svc);
  return listening(createHttpServer(getRequestListener((request) => server.fetch(request), { hostname: "127.0.0.1" })));
}

/** What Node itself takes to read such a request and to send a response as long. */
function bareServer() {
  return listening(
    createHttpServer((request, response) => {
      const chunks = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString());
        response.writeHead(201, { "content-type": "application/json" });
        response.end(JSON.stringify({ ...body, id: "0".repeat(36), rest: "x".repeat(200) }));
      });
    }),
  );
}

function listening(http) {
  return new Promise((resolve) => {
    http.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${http.address().port}`));
  });
}
