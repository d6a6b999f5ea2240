import type { Schedule } from "@jobq/service/cron";
import { Fault } from "../fault.ts";
import { moduleOf } from "../modules/server-modules.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, boolean, type Infer, integer, map, object, oneOf, string } from "../schema/schema.ts";
import { nameSchema } from "../wire/submission.ts";
import { rfc3339 } from "../wire/timestamps.ts";

const time = string({ format: "date-time" });
const params = object({ schedule: nameSchema });

const scheduleSchema = object(
  {
    name: string(),
    when: map(anything).describe("as the library has it, such as { type: daily, time: 09:00 }"),
    timezone: string(),
    topic: string(),
    type: string().describe("which handler runs its jobs"),
    missed: oneOf("skip", "one", "all").describe("what is done about instants that passed while nobody was there"),
    paused: boolean,
    canceled: boolean.describe("its job was canceled: it gives no jobs until it is set again, or that job is reset"),
  },
  {
    next_at: time.describe("the next instant; left out when it is paused, over or canceled"),
    last_at: time,
    until: time,
    most: integer({ min: 1 }).describe("with missed `all`: how many of the latest instants are made up"),
    jitter_ms: integer({ min: 0 }).describe("by up to how much each job is delayed"),
    payload: anything.describe("of its jobs; left out in lists"),
  },
).named("Schedule");

const list = route({
  method: "GET",
  path: "/api/v1/schedules",
  operation: "listSchedules",
  tag: "schedules",
  summary: "Every schedule, by name",
  role: "viewer",
  replies: { 200: { description: "the schedules", schema: object({ schedules: array(scheduleSchema) }) } },
  run: async ({ backend }) => {
    const schedules = await moduleOf(backend.settings.modules, "schedules").list();
    return reply(200, { schedules: schedules.map(listedForm) });
  },
});

const get = route({
  method: "GET",
  path: "/api/v1/schedules/{schedule}",
  operation: "getSchedule",
  tag: "schedules",
  summary: "A schedule",
  role: "viewer",
  params,
  replies: { 200: { description: "the schedule", schema: scheduleSchema } },
  run: async ({ backend, params: { schedule: name } }) => {
    const schedule = await moduleOf(backend.settings.modules, "schedules").get(name);
    if (!schedule) throw new Fault("not_found", "there is no such schedule", { jobq: { code: "JOB_NOT_FOUND" } });
    return reply(200, { ...listedForm(schedule), payload: schedule.payload });
  },
});

const run = route({
  method: "POST",
  path: "/api/v1/schedules/{schedule}/run",
  operation: "runSchedule",
  tag: "schedules",
  summary: "Enqueue a job of a schedule now, whatever its times are",
  role: "operator",
  params,
  changes: true,
  replies: { 201: { description: "the id of the job", schema: object({ job_id: string() }) } },
  run: async ({ backend, params: { schedule } }) => {
    return reply(201, { job_id: await moduleOf(backend.settings.modules, "schedules").trigger(schedule) });
  },
});

const pausing = object({ name: string(), paused: boolean });

const pause = route({
  method: "POST",
  path: "/api/v1/schedules/{schedule}/pause",
  operation: "pauseSchedule",
  tag: "schedules",
  summary: "Hold a schedule back; what would have been due meanwhile is not made up",
  role: "operator",
  params,
  changes: true,
  replies: { 200: { description: "it is paused", schema: pausing } },
  run: async ({ backend, params: { schedule: name } }) => {
    await moduleOf(backend.settings.modules, "schedules").pause(name);
    return reply(200, { name, paused: true });
  },
});

const resume = route({
  method: "POST",
  path: "/api/v1/schedules/{schedule}/resume",
  operation: "resumeSchedule",
  tag: "schedules",
  summary: "Let a paused schedule go on",
  role: "operator",
  params,
  changes: true,
  replies: { 200: { description: "it goes on", schema: pausing } },
  run: async ({ backend, params: { schedule: name } }) => {
    await moduleOf(backend.settings.modules, "schedules").resume(name);
    return reply(200, { name, paused: false });
  },
});

const remove = route({
  method: "DELETE",
  path: "/api/v1/schedules/{schedule}",
  operation: "deleteSchedule",
  tag: "schedules",
  summary: "Forget a schedule; its jobs stay",
  role: "admin",
  params,
  changes: true,
  replies: { 204: { description: "it is gone" } },
  run: async ({ backend, params: { schedule } }) => {
    await moduleOf(backend.settings.modules, "schedules").remove(schedule);
    return reply(204, undefined);
  },
});

/** The routes about schedules. */
export const scheduleRoutes: readonly Route[] = [list, get, run, pause, resume, remove];

function listedForm(schedule: Schedule): Infer<typeof scheduleSchema> {
  const { name, when, timezone, topic, jobName, missed, most, jitterMs } = schedule;
  const { isPaused, isCanceled, nextAt, lastAt, untilAt } = schedule;
  return {
    name,
    when: { ...when },
    timezone,
    topic,
    type: jobName,
    missed,
    paused: isPaused,
    canceled: isCanceled,
    next_at: rfc3339(nextAt),
    last_at: rfc3339(lastAt),
    until: rfc3339(untilAt),
    most,
    jitter_ms: jitterMs,
  };
}
