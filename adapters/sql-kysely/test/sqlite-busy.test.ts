import { createService } from "@jobq/service";
import { afterEach, expect, it, vi } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { isInTheWay } from "../src/session/failure.ts";
import { SQLITE_PATIENCE, withRetries } from "../src/session/retries.ts";
import { sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

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
