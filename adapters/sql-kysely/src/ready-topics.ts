import type { JobHead, Topic, Unit, UnitOutcome } from "@jobq/core";

/** The topics on which units have made jobs ready. */
export function readyTopics(units: readonly Unit[], outcomes: readonly UnitOutcome[]): Set<Topic> {
  const topics = new Set<Topic>();
  const add = (jobs: readonly JobHead[]): void => {
    for (const { state, topic } of jobs) if (state === "ready") topics.add(topic);
  };
  for (const [position, outcome] of outcomes.entries()) {
    if (!outcome.ok) continue;
    add(outcome.changed);
    const { insert = [] } = units[position] as Unit;
    if (insert.length > outcome.leftOut.length) add(insert);
  }
  return topics;
}
