// Fills a schema with what a pg-boss has been through: node pg-boss.mjs ENTRY-OF-THE-PACKAGE MAJOR URL SCHEMA.
// A program of its own, since the newer ones need a newer Node than the tests.
import { pathToFileURL } from "node:url";

const [entry = "", major, connectionString, schema] = process.argv.slice(2);
const loaded = await import(pathToFileURL(entry).href);
const boss = new (loaded.PgBoss ?? loaded.default)({ connectionString, schema, supervise: false, schedule: false });
boss.on("error", (/** @type {Error} */ error) => {
  throw error;
});
await boss.start();

await boss.createQueue("dead");
await boss.createQueue("emails", { deadLetter: "dead", retryLimit: 2 });
for (const policy of ["singleton", "short", "stately"]) await boss.createQueue(policy, { policy });

/**
 * Has a job fetched, and failed.
 * @param {string} queue
 * @param {object} data
 * @param {object} options
 */
async function fail(queue, data, options) {
  const id = await boss.send(queue, data, options);
  await boss.fetch(queue);
  await boss.fail(queue, id, { message: "no such address" });
}

await fail("emails", { to: "gone" }, { retryLimit: 0 });
await fail("emails", { to: "flaky" }, { retryLimit: 3, retryDelay: 3600, retryBackoff: true });
await boss.send("emails", { to: "a" });
await boss.send("emails", { to: "urgent" }, { priority: 10 });
await boss.send("emails", { to: "later" }, { startAfter: 7200, expireInSeconds: 90 });
await boss.cancel("emails", await boss.send("emails", { to: "nobody" }));
await boss.send("singleton", { tenant: 7 }, { singletonKey: "7" });
for (const queue of ["short", "stately"]) {
  await fail(queue, { is: "tried" }, { singletonKey: "7", retryDelay: 3600 });
  await boss.send(queue, { is: "waiting" }, { singletonKey: "7" });
}
await boss.schedule("emails", "0 3 * * *", { to: "all" }, { tz: "Europe/Berlin", retryLimit: 5 });

if (Number(major) >= 11) {
  await boss.createQueue("exclusive", { policy: "exclusive" });
  await boss.send("exclusive", {}, { singletonKey: "7" });
  await boss.send("emails", { to: "capped" }, { retryDelay: 10, retryBackoff: true, retryDelayMax: 60 });
  await boss.schedule("emails", "0 4 * * *", { to: "eu" }, { key: "eu", deadLetter: "dead" });
}
if (Number(major) >= 12) {
  await boss.createQueue("ledger", { policy: "key_strict_fifo" });
  await fail("ledger", { step: 1 }, { singletonKey: "7", retryDelay: 3600 });
  await boss.send("ledger", { step: 2 }, { singletonKey: "7", priority: 10 });
  await boss.send("emails", { to: "tenant 7" }, { group: { id: "7" } });
  await boss.upsert("emails", { to: "edited" }, { singletonKey: "edited" });
  await boss.flow([
    { ref: "a", name: "emails", data: { to: "parent" } },
    { ref: "b", name: "emails", data: { to: "child" }, dependsOn: ["a"] },
  ]);
  await boss.schedule("emails", "0 5 * * *", { to: "us" }, { key: "us", missed: "once" });
  await boss.schedule("emails", "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9;BYMINUTE=0", {}, { key: "monthly" });
}
await boss.stop({ graceful: false, wait: false, close: true });
