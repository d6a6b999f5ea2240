import type { Clock } from "../clock.ts";
import { alarmSleepMs } from "./alarm-sleep.ts";
import { setTimer, systemMonotonic } from "./monotonic.ts";
import { WallTime } from "./wall-time.ts";

/**
 * A clock of the process, for one store: the wall clock, but one that is not set back. When the wall clock is, it goes on
 * a tenth slower until that has caught up; only a step back of more than a day is followed at once, as steps ahead are.
 * Alarms notice steps within a second, those far off within a thousandth of their wait, a minute at most. What was done
 * to the wall clock before the clock was made is nothing to it.
 */
export function createSystemClock(): Clock {
  const wall = new WallTime();
  return {
    now: () => wall.now(),
    alarm(at, ring, background = false) {
      let undo: () => void;
      const arm = (): void => {
        undo = setTimer(alarmSleepMs(at - wall.look()), check, background);
      };
      const check = (): void => (wall.look() >= at ? ring() : arm());
      arm();
      return () => undo();
    },
    sync: () => undefined,
    monotonic: systemMonotonic,
  };
}

/** The one that stands for the process, as {@link createSystemClock} makes it. */
export const systemClock: Clock = createSystemClock();
