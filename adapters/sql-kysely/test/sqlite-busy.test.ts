import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createService } from "@jobq/service";
import { sql } from "kysely";
import { afterEach, expect, it, vi } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { isInTheWay } from "../src/session/failure.ts";
import { SQLITE_PATIENCE, withRetries } from "../src/session/retries.ts";
import { runOn } from "../src/session/run.ts";
import { inTurn } from "../src/session/sqlite-turns.ts";
import { sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

afterEach(() => void vi.useRealTimers());

await describeOn(sqlite, (database) => {
  it("a call that is not part of the transaction that waits for it is STORE_FAILED, and says why", async () => {
    const kysely = database.connect();
    const svc = createService({ jobs: sqlJobs(kysely, database.options), topics: sqlTopics(kysely, database.options) });
    await svc.enqueue("topic", 1);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const failed = kysely.transaction().execute(() => svc.enqueue("topic", 2));
    const failure = expect(failed).rejects.toMatchObject({ code: "STORE_FAILED", details: { kind: "no connection" } });
    await vi.advanceTimersByTimeAsync(16_000);
    await failure;
    vi.useRealTimers();
    expect((await svc.tally()).map(({ count }) => count)).toEqual([1]);
    await svc.close();
  });
});

await describeOn(sqlite, (database) => {
  it("what is acknowledged is stored, though a statement that met a lock is still open", async () => {
    const [kysely, other] = [database.connect(), database.connect()];
    const [topics, elsewhere] = [kysely, other].map((one) => sqlTopics(one, database.options));
    for (const one of [topics, elsewhere]) await one?.topics();
    await sql`pragma busy_timeout = 10`.execute(kysely);
    await other.connection().execute(async (connection) => {
      await sql`begin immediate`.execute(connection);
      const met = inTurn(undefined, runOn(kysely), async () => undefined);
      await expect(met).rejects.toMatchObject({ code: "SQLITE_BUSY" });
      await sql`commit`.execute(connection);
    });
    let isOver = false;
    const paused = topics?.pause("topic", true).then(
      () => true,
      () => false,
    );
    void paused?.then(() => {
      isOver = true;
    });
    for (; !isOver; await new Promise((resolve) => setTimeout(resolve, 20))) collect();
    expect(await paused).toBe(true);
    expect(await elsewhere?.topics()).toMatchObject([{ topic: "topic", paused: true }]);
  });
});

it("what somebody is in the way of on SQLite is tried again for 15 seconds, and then told", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  let tries = 0;
  const failing = withRetries(
    SQLITE_PATIENCE,
    () => {
      tries += 1;
      return Promise.reject(Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" }));
    },
    isInTheWay,
  );
  const failure = expect(failing).rejects.toMatchObject({ code: "STORE_FAILED", details: { kind: "busy" } });
  await vi.advanceTimersByTimeAsync(15_100);
  await failure;
  vi.useRealTimers();
  expect(tries).toBeGreaterThan(90);
  expect(tries).toBeLessThan(320);
});
