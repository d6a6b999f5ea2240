import type { Clock } from "../clock.ts";
import { alarmSleepMs } from "./alarm-sleep.ts";
import { setTimer, systemMonotonic } from "./monotonic.ts";
import { WallTime } from "./wall-time.ts";

/**
 * Creates the clock of one store that only this process uses: the wall clock, but never set back. If the wall clock is
 * set back, it runs a tenth slower until that has caught up; a step back of more than a day, or ahead, is followed at
 * once. Alarms notice steps within a second, distant ones within a thousandth of their wait, at most a minute.
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

/** The clock of the process, made by {@link createSystemClock}. */
export const systemClock: Clock = createSystemClock();
