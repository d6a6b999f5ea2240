// Fills a schema with what a graphile-worker has been through: node graphile-worker.mjs ENTRY-OF-THE-PACKAGE URL SCHEMA.
// A program of its own, since the newest one needs a newer Node than the tests.
import { pathToFileURL } from "node:url";

const [entry = "", connectionString, schema] = process.argv.slice(2);
const { makeWorkerUtils, runOnce, Logger } = await import(pathToFileURL(entry).href);
const options = { connectionString, schema, logger: new Logger(() => () => {}) };
const utils = await makeWorkerUtils(options);
await utils.migrate();
await utils.addJob("send-email", { to: "gone" }, { maxAttempts: 1 });
await utils.addJob("send-email", { to: "flaky" }, { maxAttempts: 5 });
const no = () => Promise.reject(new Error("no such address"));
await runOnce({ ...options, noHandleSignals: true, taskList: { "send-email": no } });
await utils.addJob("send-email", { to: "a" }, { jobKey: "a", flags: ["eu"] });
await utils.addJob("send-email", { to: "urgent" }, { priority: -5 });
await utils.addJob("send-email", { to: "later" }, { runAt: new Date(Date.now() + 7_200_000) });
for (const step of [1, 2, 3]) await utils.addJob("sync", { step }, { queueName: "tenant-7" });
await utils.release();
