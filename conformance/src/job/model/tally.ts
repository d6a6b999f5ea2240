import type { JobHead, JobState, Tally } from "@jobq/core";

/** Counts of the jobs, ordered by state; all are of one topic. */
export function tallyOf(jobs: readonly JobHead[]): Tally[] {
  const counts = new Map<string, number>();
  for (const { topic, state } of jobs) {
    const key = JSON.stringify([topic, state]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const tally = [...counts].map(([key, count]): Tally => {
    const [topic, state] = JSON.parse(key) as [string, JobState];
    return { topic, state, count };
  });
  return sorted(tally);
}

/** Orders a tally by topic and state. */
export function sorted(tally: readonly Tally[]): Tally[] {
  const key = ({ topic, state }: Tally): string => JSON.stringify([topic, state]);
  return [...tally].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
