import type { JobHead, Tally, TopicInfo } from "@jobq/core";
import { readySince } from "@jobq/server";
import { isModuleState } from "@jobq/service/module";
import { span } from "../output/ages.ts";
import type { Queue } from "../queue/queue.ts";
import type { Finding } from "./finding.ts";

const OLD_MS = 600_000;
const LATE_MS = 60_000;
const MAX_NAMED = 10;
const MANY_ENDED = 1_000_000;

/** What the jobs themselves tell: who waits too long, what was given up, what is kept for ever. */
export async function queueFindings(queue: Queue, now: number): Promise<readonly Finding[]> {
  const [topics, tally] = [await queue.topics(), await queue.tally()];
  const [oldest] = await queue.find({ state: "ready", order: "oldest", limit: 1 });
  const lapsed = await queue.find({ state: "reserved", limit: 1000 });
  const dead = await queue.find({ state: "canceled", reason: "exhausted", limit: 1000 });
  const poison = await queue.find({ state: "canceled", reason: "poison", limit: 1000 });
  const held = topics
    .filter(({ topic, paused, ready }) => paused && ready > 0 && !isModuleState(topic))
    .map(({ topic }) => topic);
  const ended = tally.reduce(
    (sum, { state, count }) => sum + (state === "done" || state === "canceled" ? count : 0),
    0,
  );
  const { stopped, ended: over } = await moduleStates(queue, topics, tally);
  return [
    readyFinding(oldest, held, now),
    lapsedFinding(lapsed.filter(({ leaseUntil = now }) => leaseUntil < now - LATE_MS).length),
    ...(held.length > 0 ? [pausedFinding(held)] : []),
    ...(stopped.length > 0 ? [stoppedFinding(stopped)] : []),
    ...over,
    deadFinding(dead.length, poison.length),
    endedFinding(ended),
  ];
}

/** Topics of modules that are paused, which stops all that the module does; and what was ended on them by a cancel. */
async function moduleStates(
  queue: Queue,
  topics: readonly TopicInfo[],
  tally: readonly Tally[],
): Promise<{ readonly stopped: readonly string[]; readonly ended: readonly Finding[] }> {
  const stopped = topics.filter(({ topic, paused }) => paused && isModuleState(topic)).map(({ topic }) => topic);
  const hurt = tally.filter(({ topic, state }) => state === "canceled" && isModuleState(topic));
  const ended = hurt.map(async ({ topic, count }) => {
    const some = await queue.find({ topic, state: "canceled", limit: MAX_NAMED });
    return canceledFinding(topic, count, some);
  });
  return { stopped, ended: await Promise.all(ended) };
}

function stoppedFinding(topics: readonly string[]): Finding {
  const text = `modules stand still, since their topics are paused: ${topics.join(", ")}`;
  return { level: "warning", about: "modules", text, advice: `\`jobq resume ${topics[0]}\` lets them go on.` };
}

function canceledFinding(topic: string, count: number, some: readonly JobHead[]): Finding {
  const names = some.map(({ name }) => name).join(", ");
  const text = `${count} on ${topic} were ended by a cancel: ${names}${count > some.length ? " …" : ""}`;
  const advice = `They do nothing until a program sets them again, or until \`jobq reset --topic ${topic} --state canceled\`.`;
  return { level: "warning", about: topic === "jobq:schedules" ? "schedules" : "modules", text, advice };
}

function readyFinding(oldest: JobHead | undefined, held: readonly string[], now: number): Finding {
  const about = "oldest job";
  if (!oldest) return { level: "good", about, text: "no job is ready and waits" };
  const waitedMs = now - readySince(oldest);
  const since = oldest.reservedAt === undefined ? "enqueued" : "last begun";
  const text = `job ${oldest.id} of ${oldest.topic} was ${since} ${span(waitedMs)} ago and is ready`;
  if (waitedMs < OLD_MS || held.includes(oldest.topic)) return { level: "good", about, text };
  return {
    level: "warning",
    about,
    text,
    advice: `\`jobq explain ${oldest.id}\` says why; perhaps no worker has its topic, or it was delayed and is due only now.`,
  };
}

function lapsedFinding(count: number): Finding {
  if (count === 0) return { level: "good", about: "leases", text: "no lease has ended without being noticed" };
  const advice = "Nothing has looked at the store for a minute: no service runs on it.";
  return { level: "bad", about: "leases", text: `${count} jobs are reserved although their lease has ended`, advice };
}

function pausedFinding(held: readonly string[]): Finding {
  const advice = "`jobq resume` lets them go on.";
  return { level: "warning", about: "paused", text: `paused with jobs to run: ${held.join(", ")}`, advice };
}

function deadFinding(exhausted: number, poison: number): Finding {
  const about = "dead letters";
  const many = (count: number): string => (count === 1000 ? "1,000 or more" : String(count));
  if (exhausted + poison === 0) return { level: "good", about, text: "none" };
  const advice =
    "`jobq list --state exhausted,poison` shows them, `jobq retry --state exhausted,poison` runs them again. " +
    "Where a copy of one is on a dead-letter topic, run the job or the copy, not both.";
  const text = `${many(exhausted)} have no retries left, ${many(poison)} lost their leases too often`;
  return { level: "warning", about, text, advice };
}

function endedFinding(count: number): Finding {
  const text = `${count} jobs have ended and are kept`;
  if (count < MANY_ENDED) return { level: "good", about: "history", text };
  return {
    level: "warning",
    about: "history",
    text,
    advice: "`jobq purge --state done --older-than 30d`, now and then.",
  };
}
