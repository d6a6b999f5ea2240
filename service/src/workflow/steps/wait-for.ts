import { checkOptions, type Duration, durationMs, type OptionNames } from "@jobq/core";
import { isFinished } from "../record/checkpoint.ts";
import type { Place } from "../run/code-places.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";

/** How to wait for a signal. */
export interface WaitForOptions {
  /** How long to wait; then the call resolves with undefined. By default for ever. */
  readonly timeout?: Duration | undefined;
}

const OPTIONS: OptionNames<WaitForOptions> = { timeout: true };

/** @throws {TypeError | RangeError} an invalid option */
export function waitMs(options: WaitForOptions): number | undefined {
  checkOptions(options, OPTIONS);
  return options.timeout === undefined ? undefined : durationMs(options.timeout, "timeout");
}

/**
 * The value of a signal, undefined when its time is over. A signal is looked for first and the run suspended afterwards:
 * one that comes in between wakes it at once. That it is consumed, and with which value, is one unit.
 */
export function waitFor(run: WorkflowRun, place: Place, timeoutMs: number | undefined): Promise<unknown> {
  const { recorded, step } = place;
  if (recorded && isFinished(recorded)) return run.records.replay(place);
  return run.live(async () => {
    const until = recorded ? recorded.until : timeoutMs && (await run.writer.now()) + timeoutMs;
    if (!recorded) run.writer.later(run.records.note(place, { until }));
    for (;;) {
      const isLate = until !== undefined && (await run.writer.now()) >= until;
      const signal = await run.signals.take(step.name);
      if (signal) return run.records.finish(place, { value: signal.value }, { until, unit: { forget: [signal.note] } });
      if (isLate) return run.records.finish(place, { value: undefined }, { until });
      await run.wait({ until, awaits: "" });
    }
  });
}
