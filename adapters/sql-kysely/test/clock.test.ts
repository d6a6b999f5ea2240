import type { Clock } from "@jobq/core";
import { systemClock } from "@jobq/core";
import { createService } from "@jobq/service";
import { expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import type { TestDatabase } from "./databases.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

const TEN_MINUTES = 600_000;
const HOUR = 3_600_000;

/** The clock of a host whose wall clock `set` sets. */
function hostClock(byMs = 0): { readonly clock: Clock; readonly set: (ms: number) => void } {
  let off = byMs;
  const set = (ms: number): void => {
    off += ms;
  };
  return { clock: { ...systemClock, now: () => Date.now() + off }, set };
}

/** A service on a host of its own, which has already been used. */
async function hostOf(database: TestDatabase) {
  const { clock, set } = hostClock();
  const kysely = database.connect();
  const jobs = sqlJobs(kysely, { ...database.options, clock });
  const svc = createService({ jobs, topics: sqlTopics(kysely, database.options) });
  await svc.topics();
  return { svc, jobs, set };
}

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    it("two repositories whose local clocks are ten minutes off either way agree on the time", async () => {
      const kysely = database.connect();
      const clocks = [TEN_MINUTES, -TEN_MINUTES].map(
        (ms) => sqlJobs(kysely, { ...database.options, clock: hostClock(ms).clock }).clock,
      );
      for (const clock of clocks) await clock.sync();
      const [fast, slow] = clocks.map((clock) => clock.now()) as [number, number];
      expect(Math.abs(fast - slow)).toBeLessThan(500);
      expect(Math.abs(fast - Date.now())).toBeLessThan(500); // the database is on this machine
    });

    it("a delay is as long as asked for when the local clock was set an hour ahead or back", async () => {
      const { svc, set } = await hostOf(database);
      for (const ms of [HOUR, -HOUR]) {
        set(ms);
        const id = await svc.enqueue("topic", 1, { delay: "1m" });
        const { runAt = 0 } = (await svc.status(id)) ?? {};
        expect(Math.abs(runAt - Date.now() - 60_000)).toBeLessThan(500);
      }
      await svc.close();
    });

    it("an extend holds the job, and no other service takes it, when the local clock was set a minute back", async () => {
      const { svc, set } = await hostOf(database);
      const other = await hostOf(database);
      const id = await svc.enqueue("topic", 1);
      const [job] = await svc.reserve("topic", 1, { lease: "1m" });
      set(-60_000);
      await job?.extend("2m");
      const { leaseUntil = 0 } = (await svc.status(id)) ?? {};
      expect(Math.abs(leaseUntil - Date.now() - 120_000)).toBeLessThan(500);
      expect(await other.svc.reserve("topic")).toEqual([]);
      await job?.done();
      for (const host of [svc, other.svc]) await host.close();
    });
  });
}
