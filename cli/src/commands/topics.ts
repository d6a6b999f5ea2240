import type { JobHead } from "@jobq/core";
import { oldestReady, readySince } from "@jobq/server";
import type { Command } from "commander";
import { ago, rfc3339 } from "../output/ages.ts";
import type { Queue } from "../queue/queue.ts";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

/** Adds `jobq topics`, `pause` and `resume`. */
export function addTopics(program: Command, bind: Bind): void {
  subcommand(program, "topics", "List the topics that hold jobs to run, or are paused").action(bind(list));
  subcommand(program, "pause", "Hold topics back; jobs that run go on")
    .argument("<topic...>", "the topics")
    .action(bind((session, topics) => setPaused(session, topics, true)));
  subcommand(program, "resume", "Let paused topics go on")
    .argument("<topic...>", "the topics")
    .action(bind((session, topics) => setPaused(session, topics, false)));
}

async function list(session: Session): Promise<void> {
  const { printer } = session;
  await withQueue(session, async ({ queue }) => {
    const topics = [...(await queue.topics())].sort((a, b) => (a.topic < b.topic ? -1 : 1));
    const oldest = await oldestReady(queue, topics);
    if (printer.json) {
      return printer.value(
        topics.map((info) => {
          const { id, createdAt } = oldest.get(info.topic) ?? {};
          return { ...info, oldestJob: id, oldestCreatedAt: rfc3339(createdAt) };
        }),
      );
    }
    const now = Date.now();
    if (topics.length === 0) return printer.note("no topics");
    await printer.table(
      ["topic", "ready", "oldest ready", "due later", "paused"],
      topics.map(({ topic, ready, delayed, paused }) => {
        return [
          topic,
          ready,
          waiting(oldest.get(topic), now),
          delayed,
          paused ? { text: "paused", style: "yellow" } : "",
        ];
      }),
    );
  });
}

function waiting(oldest: JobHead | undefined, now: number): string | undefined {
  return oldest && ago(readySince(oldest), now);
}

async function setPaused(session: Session, topics: readonly string[], paused: boolean): Promise<void> {
  const known = await withQueue(session, async ({ queue }) => {
    const names = await knownTopics(queue);
    for (const topic of topics) await (paused ? queue.pause(topic) : queue.resume(topic));
    return names;
  });
  const { printer } = session;
  if (printer.json) return printer.value(topics.map((topic) => ({ topic, paused, known: known.has(topic) })));
  for (const topic of topics) {
    await printer.line(`${topic} ${paused ? "is paused" : "goes on"}`);
    // A topic may be paused before its first job; more often its name is misspelled.
    if (!known.has(topic)) await printer.note(`${topic}: no job is known on a topic of this name`);
  }
}

/** The topics that hold jobs, of any state; one that is only paused may be a name that was misspelled before. */
async function knownTopics(queue: Queue): Promise<ReadonlySet<string>> {
  return new Set((await queue.tally()).filter(({ count }) => count > 0).map(({ topic }) => topic));
}
