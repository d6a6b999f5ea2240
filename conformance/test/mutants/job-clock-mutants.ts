import { type Clock, createSystemClock, type MonotonicClock, monotonicOf, systemClock } from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const { alarm } = systemClock;
const { elapsed, after } = monotonicOf(systemClock);
const nothing = (): void => {};

/** A repository whose clock differs from the process's in this. */
const telling = (part: Partial<Clock>): JobMutant =>
  class extends ReferenceJobs {
    override readonly clock: Clock = { ...systemClock, ...part };
  };

/** The same for the monotonic side of it. */
const measuring = (part: Partial<MonotonicClock>): JobMutant => telling({ monotonic: { elapsed, after, ...part } });

/** A timer that waits by the wall clock, as is. */
const byWall: Clock["alarm"] = (at, ring) => {
  const timer = setInterval(() => {
    if (Date.now() < at) return;
    clearInterval(timer);
    ring();
  }, 5);
  return () => clearInterval(timer);
};

const plainTimer = (ms: number, ring: () => void): (() => void) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};

/** Faults of clocks. */
export const jobClockMutants: Readonly<Record<string, JobMutant>> = {
  "has alarms that never ring": telling({ alarm: () => nothing }),
  "rings an alarm twice": telling({
    alarm(at, ring) {
      const undo = [alarm(at, ring), alarm(at + 5, ring)];
      return () => {
        for (const take of undo) take();
      };
    },
  }),
  "rings an alarm early": telling({ alarm: (at, ring) => alarm(at - 15, ring) }),
  "rings an alarm of the past within the call": telling({
    alarm(at, ring, background) {
      if (at > systemClock.now()) return alarm(at, ring, background);
      ring();
      return nothing;
    },
  }),
  "does not ring an alarm of the past": telling({
    alarm: (at, ring) => (at < systemClock.now() ? nothing : alarm(at, ring)),
  }),
  "rings an alarm that was taken back": telling({
    alarm(at, ring) {
      alarm(at, ring);
      return nothing;
    },
  }),
  "rings alarms at once that are too far off for a timer": telling({
    alarm: (at, ring) => plainTimer(at - systemClock.now(), ring),
  }),
  "ends durations at once that are too long for a timer": measuring({ after: plainTimer }),
  "waits for alarms by a wall clock that may be set back": telling({ now: () => Date.now(), alarm: byWall }),
  // A clock of its own: that of the process may still be ahead by what an earlier case has set it back.
  "sleeps on when the wall clock is set ahead": class extends ReferenceJobs {
    readonly #own = createSystemClock();
    override readonly clock: Clock = { ...this.#own, alarm: (at, ring) => after(at - this.#own.now(), ring) };
  },
  "measures durations by the wall clock": measuring({
    elapsed: () => Date.now(),
    after: (ms, ring) => byWall(Date.now() + ms, ring),
  }),
  "ends durations twice": measuring({
    after(ms, ring) {
      const undo = [after(ms, ring), after(ms + 5, ring)];
      return () => {
        for (const take of undo) take();
      };
    },
  }),
  "has a clock for each handle, set when it was opened": class extends ReferenceJobs {
    readonly #aheadMs = Date.now() - elapsed();
    override readonly clock: Clock = { ...systemClock, now: () => Math.floor(this.#aheadMs + elapsed()) };
  },
};
