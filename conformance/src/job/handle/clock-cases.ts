import { type Clock, type JobRepository, monotonicOf } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, Fault, holds } from "../../check.ts";
import { withWallClockSet } from "../../wall-clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Longest that what is due soon may take on a busy machine. */
const LIMIT_MS = 10_000;

/** How far two clocks that tell the same time may seem apart while a machine is busy. */
const APART_MS = 1_000;

/** Further off than timers can wait: at once for one that only passes it on. */
const FAR_MS = [2 ** 31, 2 ** 32 + 10, 400 * 24 * HOUR];

/** Counts what `set` rings, and tells when it has done so for the first time. */
function watch(set: (ring: () => void) => () => void): { count: number; readonly rung: Promise<void>; undo(): void } {
  let first = (): void => {};
  const rung = new Promise<void>((resolve) => {
    first = resolve;
  });
  const watched = { count: 0, rung, undo: (): void => {} };
  watched.undo = set(() => {
    watched.count += 1;
    first();
  });
  return watched;
}

/** Waits for it, but not for ever. */
async function inTime(rung: Promise<void>, what: string): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Fault(`${what} did not ring`)), LIMIT_MS);
  });
  await Promise.race([rung, late]).finally(() => clearTimeout(timer));
}

/** Resolves when some time has passed, by a timer that no clock under test has a hand in. */
function moment(ms = 30): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function clockOf(jobs: JobRepository): Promise<Clock> {
  await jobs.clock.sync();
  return jobs.clock;
}

/** The clock of a job repository: alarms that ring, whatever is done to the wall clock of the process. */
export const clockCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-160",
    title: "an alarm rings once, when its instant has come and not before, also one of the past",
    async run({ store }) {
      const clock = await clockOf(store);
      for (const ms of [25, 0, -HOUR]) {
        const at = clock.now() + ms;
        const alarm = watch((ring) => clock.alarm(at, ring));
        equal(alarm.count, 0, `rings within the call for an alarm in ${ms} ms`);
        await inTime(alarm.rung, `an alarm in ${ms} ms`);
        holds(clock.now() >= at, `an alarm in ${ms} ms rang at ${clock.now()}, before ${at}`);
        await moment();
        equal(alarm.count, 1, `rings of an alarm in ${ms} ms`);
      }
    },
  },
  {
    id: "J-161",
    title: "an alarm that is taken back does not ring, and taking it back again does nothing",
    async run({ store }) {
      const clock = await clockOf(store);
      const taken = watch((ring) => clock.alarm(clock.now() + 10, ring));
      const kept = watch((ring) => clock.alarm(clock.now() + 25, ring));
      taken.undo();
      taken.undo();
      await inTime(kept.rung, "an alarm beside one that was taken back");
      kept.undo();
      equal([taken.count, kept.count], [0, 1], "rings of the alarm that was taken back, and of the other");
    },
  },
  {
    id: "J-162",
    title: "alarms further off than timers can wait do not ring at once, nor do such durations",
    async run({ store }) {
      const clock = await clockOf(store);
      const far = FAR_MS.flatMap((ms) => [
        watch((ring) => clock.alarm(clock.now() + ms, ring)),
        watch((ring) => monotonicOf(clock).after(ms, ring)),
      ]);
      await moment();
      for (const { undo } of far) undo();
      equal(
        far.map(({ count }) => count),
        far.map(() => 0),
        "rings",
      );
    },
  },
  {
    id: "J-163",
    title: "an alarm rings, and a duration ends, when they would have, though the wall clock is set back meanwhile",
    async run({ store }) {
      const clock = await clockOf(store);
      const alarm = watch((ring) => clock.alarm(clock.now() + 40, ring));
      const duration = watch((ring) => monotonicOf(clock).after(40, ring));
      await withWallClockSet(-MINUTE, async () => {
        await inTime(alarm.rung, "an alarm while the wall clock was set back");
        await inTime(duration.rung, "a duration while the wall clock was set back");
      });
    },
  },
  {
    id: "J-164",
    title: "when the wall clock is set ahead an alarm rings if the store's time has come, and no duration ends",
    async run({ store }) {
      const clock = await clockOf(store);
      const at = clock.now() + 10 * MINUTE;
      const alarm = watch((ring) => clock.alarm(at, ring));
      const duration = watch((ring) => monotonicOf(clock).after(10 * MINUTE, ring));
      await withWallClockSet(HOUR, async () => {
        await clock.sync();
        if (clock.now() >= at) await inTime(alarm.rung, "an alarm whose instant came by a step of the wall clock");
        else await moment();
        equal(alarm.count, clock.now() >= at ? 1 : 0, "rings of the alarm");
        equal(duration.count, 0, "rings of the duration");
      });
      for (const { undo } of [alarm, duration]) undo();
    },
  },
  {
    id: "J-165",
    title: "durations are measured forward, and end once, when they are over",
    async run({ store }) {
      const { elapsed, after } = monotonicOf(await clockOf(store));
      const began = elapsed();
      const duration = watch((ring) => after(25, ring));
      const taken = watch((ring) => after(10, ring));
      taken.undo();
      equal(duration.count, 0, "rings within the call");
      await withWallClockSet(-MINUTE, async () => {
        await inTime(duration.rung, "a duration");
        const passed = elapsed() - began;
        holds(passed >= 25 && passed < MINUTE, `${passed} ms passed in a duration of 25`);
      });
      await moment();
      equal([duration.count, taken.count], [1, 0], "rings, and rings of what was taken back");
    },
  },
  {
    id: "J-166",
    title: "two handles on a store agree on the time, whatever the wall clocks of their hosts are set to",
    needs: "shared",
    setsWallClock: true,
    async run({ store, second }) {
      const clock = await clockOf(store);
      await withWallClockSet(-HOUR, async () => {
        const other = await clockOf(await second());
        const apart = Math.abs(other.now() - clock.now());
        holds(apart < APART_MS, `the clocks of two handles are ${apart} ms apart`);
      });
    },
  },
];
