import type { JobHead, TopicInfo } from "@jobq/core";
import { oldestReady } from "../jobs/oldest-ready.ts";
import { type Route, reply, route } from "../route.ts";
import { array, boolean, type Infer, integer, object, oneOf, string } from "../schema/schema.ts";
import { nameSchema } from "../wire/submission.ts";
import { rfc3339 } from "../wire/timestamps.ts";

const count = integer({ min: 0 });

/** The name of a topic in a path. */
export const topicParams = object({ topic: nameSchema });

const topicSchema = object(
  { topic: string(), ready: count, delayed: count, paused: boolean },
  {
    oldest_job: string().describe("the oldest ready job, where it was asked for"),
    oldest_created_at: string({ format: "date-time" }).describe("when that was created"),
  },
).named("Topic");

const list = route({
  method: "GET",
  path: "/api/v1/topics",
  operation: "listTopics",
  tag: "topics",
  summary: "Every topic that holds jobs to run, or is paused",
  role: "viewer",
  query: object({}, { oldest: boolean.describe("whether to look for the oldest ready job of the 100 longest queues") }),
  replies: { 200: { description: "the topics", schema: object({ topics: array(topicSchema) }) } },
  run: async ({ backend, query }) => {
    const known = await backend.svc.topics();
    const oldest = query.oldest ? await oldestReady(backend.svc, known) : undefined;
    const topics = known.map((info) => topicForm(info, oldest?.get(info.topic)));
    return reply(200, { topics: topics.sort((a, b) => (a.topic < b.topic ? -1 : 1)) });
  },
});

const tally = route({
  method: "GET",
  path: "/api/v1/tally",
  operation: "tally",
  tag: "topics",
  summary: "How many jobs there are, per topic and state",
  description: "States are those of the library: ready, delayed, reserved, done, canceled.",
  role: "viewer",
  replies: {
    200: {
      description: "the counts",
      schema: object({
        tally: array(
          object({
            topic: string(),
            state: oneOf("delayed", "ready", "reserved", "done", "canceled"),
            count: integer({ min: 1 }),
          }),
        ),
      }),
    },
  },
  run: async ({ backend }) => {
    const counts = await backend.svc.tally();
    return reply(200, { tally: counts.map(({ topic, state, count }) => ({ topic, state, count })) });
  },
});

const paused = object({ topic: string(), paused: boolean });

const pause = route({
  method: "POST",
  path: "/api/v1/topics/{topic}/pause",
  operation: "pauseTopic",
  tag: "topics",
  summary: "Hold a topic's jobs back; those that are running go on",
  role: "operator",
  params: topicParams,
  changes: true,
  replies: { 200: { description: "it is paused", schema: paused } },
  run: async ({ backend, params: { topic } }) => {
    await backend.svc.pause(topic);
    return reply(200, { topic, paused: true });
  },
});

const resume = route({
  method: "POST",
  path: "/api/v1/topics/{topic}/resume",
  operation: "resumeTopic",
  tag: "topics",
  summary: "Let a paused topic go on",
  role: "operator",
  params: topicParams,
  changes: true,
  replies: { 200: { description: "it goes on", schema: paused } },
  run: async ({ backend, params: { topic } }) => {
    await backend.svc.resume(topic);
    return reply(200, { topic, paused: false });
  },
});

/** The routes about topics. */
export const topicRoutes: readonly Route[] = [list, tally, pause, resume];

function topicForm(
  { topic, ready, delayed, paused }: TopicInfo,
  oldest: JobHead | undefined,
): Infer<typeof topicSchema> {
  const form = { topic, ready, delayed, paused };
  return oldest ? { ...form, oldest_job: oldest.id, oldest_created_at: rfc3339(oldest.createdAt) } : form;
}
