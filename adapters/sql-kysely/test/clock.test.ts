import type { Clock } from "@jobq/core";
import { ManualClock, systemClock } from "@jobq/core";
import { describe, expect, it } from "vitest";
import { sqlJobs } from "../src/index.ts";
import { SqlClock } from "../src/session/sql-clock.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

const TEN_MINUTES = 600_000;
const off = (ms: number): Clock => ({ ...systemClock, now: () => Date.now() + ms });

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    it("two repositories whose local clocks are ten minutes off either way agree on the time", async () => {
      const kysely = database.connect();
      const clocks = [off(TEN_MINUTES), off(-TEN_MINUTES)].map(
        (clock) => sqlJobs(kysely, { ...database.options, clock }).clock,
      );
      for (const clock of clocks) await clock.sync();
      const [fast, slow] = clocks.map((clock) => clock.now()) as [number, number];
      expect(Math.abs(fast - slow)).toBeLessThan(500);
      expect(Math.abs(fast - Date.now())).toBeLessThan(500); // the database is on this machine
    });
  });
}

describe("SqlClock", () => {
  it("takes half of the time a measurement took to have passed since the database looked", async () => {
    const local = new ManualClock(1_000);
    const clock = new SqlClock(local, async () => {
      local.advance(10);
      return 50_000;
    });
    await clock.sync();
    expect(clock.now()).toBe(50_005);
  });

  it("rings when its own time has come, by the offset as it is then", async () => {
    const local = new ManualClock(0);
    let database = 1_000;
    const clock = new SqlClock(local, async () => database + local.now());
    await clock.sync();
    const rings: number[] = [];
    clock.alarm(1_100, () => rings.push(clock.now()));
    local.advance(50);
    database = 900;
    await clock.sync();
    local.advance(100);
    expect(rings).toEqual([]);
    local.advance(50);
    expect(rings).toEqual([1_100]);
  });

  it("shares a measurement between calls at the same time", async () => {
    let asked = 0;
    const clock = new SqlClock(new ManualClock(), async () => ++asked);
    await Promise.all([clock.sync(), clock.sync(), clock.sync()]);
    expect(asked).toBe(1);
  });

  it("does not measure again for a moment while the local clock goes on steadily, but does when it was set", async () => {
    let asked = 0;
    let set = 0;
    const clock = new SqlClock({ ...systemClock, now: () => Math.floor(performance.now()) + set }, async () => ++asked);
    await clock.sync();
    await clock.sync();
    expect(asked).toBe(1);
    set = 60_000;
    await clock.sync();
    expect(asked).toBe(2);
  });

  it("measures again, and keeps the shortest, when an answer took long", async () => {
    const local = new ManualClock(0);
    const delays = [400, 2, 300];
    const clock = new SqlClock(local, async () => {
      const at = local.now() + 7_000;
      local.advance(delays.shift() ?? 0);
      return at;
    });
    await clock.sync();
    expect(delays).toEqual([300]);
    expect(clock.now() - local.now()).toBe(6_999);
  });
});
