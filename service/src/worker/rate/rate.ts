import type { ModuleContext, RateInfo } from "../../module.ts";
import { OwnRate } from "./own-rate.ts";
import { SharedRate } from "./shared-rate.ts";

/** At most `max` in any span as long as `perMs`; with a key, together with all that name it over the same store. */
export interface RateSettings {
  readonly max: number;
  readonly perMs: number;
  readonly key: string | undefined;
}

/** Says how many jobs may begin, and when. */
export interface Rate {
  /** How many may begin now, as far as is known. */
  free(): number | Promise<number>;

  /** In how many milliseconds to ask again, when none may begin now. */
  readonly nextInMs: number;

  /** Takes places for up to `count` jobs that begin now, and returns for how many. */
  take(count: number): number | Promise<number>;
}

export function createRate(context: ModuleContext, { key, max, perMs }: RateSettings): Rate {
  return key === undefined ? new OwnRate(context.clock, max, perMs) : new SharedRate(context, key, max, perMs);
}

/** What a service may tell of the rate. */
export function rateInfo({ clock }: ModuleContext, settings: RateSettings, rate: Rate): RateInfo {
  const nextAt: RateInfo["nextAt"] = async () =>
    (await rate.free()) > 0 ? undefined : clock.now() + Math.ceil(rate.nextInMs);
  return { ...settings, nextAt };
}
