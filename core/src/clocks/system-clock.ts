import type { Clock } from "../clock.ts";
import { alarmSleepMs } from "./alarm-sleep.ts";
import { setTimer, systemMonotonic } from "./monotonic.ts";
import { WallTime } from "./wall-time.ts";

/**
 * The process's own clock: the wall clock, but one that is not set back. When the wall clock is, it goes on a tenth
 * slower until that has caught up; only a step back of more than a day is followed at once, as steps ahead are. Alarms
 * notice steps within a second, those far off within a thousandth of their wait, a minute at most.
 */
export const systemClock: Clock = systemClockOver(new WallTime());

/** @internal */
export function systemClockOver(wall: WallTime): Clock {
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
