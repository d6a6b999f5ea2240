import { type Duration, durationMs } from "@jobq/core";
import { defineJob, type JobDefinition } from "@jobq/service/worker";
import type { JobsModule } from "./jobs-module.ts";

/** Returns its payload: shows that a queue works. */
const echo = defineJob("echo", { run: (payload) => payload });

/** Takes as long as its payload says, a duration or `{ "duration": … }`; a second by default. */
const sleep = defineJob("sleep", {
  async run(payload, { signal, progress }) {
    const ms = durationMs(durationOf(payload), "the payload");
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
    await progress(1);
    return { slept: `${ms}ms` };
  },
});

const BUILT_IN_JOBS: readonly JobDefinition[] = [echo, sleep];

/** The kinds of jobs of a module, and those that are always there unless it has others of the same name. */
export function definitionsOf({ jobs }: Pick<JobsModule, "jobs">): readonly JobDefinition[] {
  const named = new Set(jobs.map(({ name }) => name));
  return [...jobs, ...BUILT_IN_JOBS.filter(({ name }) => !named.has(name))];
}

function durationOf(payload: unknown): Duration {
  const given =
    typeof payload === "object" && payload !== null ? (payload as { readonly duration?: unknown }).duration : payload;
  return (given ?? "1s") as Duration;
}
