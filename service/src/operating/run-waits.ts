import { isFinal, type JobHead } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { jobData } from "../input/job-data.ts";
import type { RunWaitsFor } from "./explanation.ts";

/** As much of the record of a step as tells what it waits for; a signal has a name alone. */
interface OpenStep {
  readonly kind: string;
  readonly name: string;
  readonly order?: number;
  readonly until?: number;
  readonly group?: string;
  readonly children?: number;
}

/** What a run waits for, by what it has recorded; nothing for any other job, or where that cannot be decoded here. */
export async function runWaits(engine: Engine, job: JobHead): Promise<RunWaitsFor[]> {
  if (!jobData(job).run) return [];
  const { settings, store } = engine;
  const waits: RunWaitsFor[] = [];
  for (const { value } of await store.jobs.notes(job.id, "checkpoint")) {
    const step = decoded(() => settings.codec.decode(value));
    if (!step?.kind || step.order !== undefined || step.kind === "parallel") continue;
    const { kind, name, until, group, children } = step;
    const live = group === undefined ? undefined : await liveOf(engine, group);
    waits.push({ kind, name, until, live, children });
  }
  return waits;
}

/** The names of signals that have come and that the run has not waited for. */
export async function keptSignals({ settings, store }: Engine, { id }: JobHead): Promise<string[]> {
  const names = new Set<string>();
  for (const { value } of await store.jobs.notes(id, "signal")) {
    const name = decoded(() => settings.codec.decode(value))?.name;
    if (name !== undefined) names.add(name);
  }
  return [...names];
}

/** How many jobs of the group have not ended. */
export async function liveOf({ store }: Engine, group: string): Promise<number> {
  const tallies = await store.jobs.tally(group);
  return tallies.reduce((sum, { state, count }) => sum + (isFinal(state) ? 0 : count), 0);
}

/** What a note holds; undefined where this process has no key for it. */
function decoded(decode: () => unknown): OpenStep | undefined {
  try {
    return decode() as OpenStep;
  } catch {
    return undefined; // what can be told without it is told
  }
}
