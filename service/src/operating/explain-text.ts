import type { Timestamp } from "@jobq/core";
import type { NotRunning, OtherJob, RunWaitsFor } from "./explanation.ts";

/** As many of other jobs are named. */
const NAMED = 3;

type Texts = { readonly [T in NotRunning["type"]]: (reason: Extract<NotRunning, { type: T }>) => string };

const TEXTS: Texts = {
  ended: ({ at, reason, error }) => {
    const why = reason === undefined ? "It is done" : `It was canceled (${reason})`;
    return `${why}, ${when(at)}${error === undefined ? "" : `: ${firstLine(error)}`}`;
  },
  reserved: ({ by, since, until, attempt }) =>
    `It is running: attempt ${attempt} is reserved by ${by} since ${when(since)}, until ${when(until)}`,
  delayed: ({ until, attempt, error }) =>
    attempt > 0 && error !== undefined
      ? `Attempt ${attempt} failed (${firstLine(error)}); it is tried again at ${when(until)}`
      : `It is delayed until ${when(until)}`,
  after: ({ jobs, need }) => `It waits for the end of ${need === "any" ? "any one of " : ""}${named(jobs)}`,
  open: () => "It is a bundle that is still open: seal it",
  group: ({ group, live }) => `It waits for the end of the group ${group}, of which ${count(live, "job")} live`,
  run: ({ waitsFor, keptSignals }) => {
    const kept =
      keptSignals.length === 0 ? "" : `; it keeps signals that nothing has waited for: ${keptSignals.join(", ")}`;
    return `It is a run that waits for ${waitsFor.map(waitText).join(" and for ")}${kept}`;
  },
  suspended: () => "It is suspended until it is woken",
  record: ({ topic }) => `It is a record that a module keeps on the topic ${topic}; no worker runs it`,
  limit: ({ key, concurrency, holders, ahead }) =>
    `It waits for a slot of the limit ${key}: ${holders.length} of ${concurrency} are held, by ${named(holders)}; ${count(ahead, "job")} before it`,
  paused: ({ topic }) => `The topic ${topic} is paused`,
  expired: ({ at }) => `Its time to live ended at ${when(at)}: it is canceled when it is next met`,
  queued: ({ ahead, orMore }) =>
    `It is ready; ${orMore ? "at least " : ""}${count(ahead, "job")} before it on its topic`,
  unreadable: ({ code, error }) =>
    code === "DECRYPTION_FAILED"
      ? `This process cannot decrypt it and leaves it to others: ${firstLine(error)}`
      : `It is canceled when it is reserved here, since this process cannot decode it: ${firstLine(error)}`,
  rate: ({ topic, max, perMs, key, freeAt }) =>
    `The rate of ${topic}${key === undefined ? "" : `, which has the key ${key},`} is used up: ${max} in ${perMs} ms; the next may begin at ${when(freeAt)}`,
  noWorker: ({ topic, name, worksOnTopic }) =>
    worksOnTopic
      ? `No worker of this process knows jobs of the name ${name}`
      : `No worker of this process works on the topic ${topic}; those of others may`,
};

/** The reasons in words. */
export function explainText(reasons: readonly NotRunning[]): string {
  if (reasons.length === 0) return "It is ready and next on its topic: it runs as soon as it is asked for.";
  return reasons.map((reason) => `${TEXTS[reason.type](reason as never)}.`).join(" ");
}

function waitText({ kind, name, until, live, children }: RunWaitsFor): string {
  const what = { signal: `the signal ${name}`, sleep: "the end of a sleep" }[kind] ?? `the ${kind} ${name}`;
  const left = live === undefined ? "" : `, of whose ${children} ${children === 1 ? "child" : "children"} ${live} live`;
  return `${what}${left}${until === undefined ? "" : `, until ${when(until)}`}`;
}

function when(at: Timestamp | undefined): string {
  return at === undefined ? "an unknown time" : new Date(at).toISOString();
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] as string;
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what} is` : `${number} ${what}s are`;
}

function named(jobs: readonly OtherJob[]): string {
  const names = jobs.slice(0, NAMED).map(({ id, state }) => `job ${id} (${state})`);
  const more = jobs.length - names.length;
  if (more > 0) names.push(more === 1 ? "1 other" : `${more} others`);
  return names.join(", ") || "nobody";
}
