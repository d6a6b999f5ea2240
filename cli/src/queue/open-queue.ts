import { JobKinds } from "@jobq/server";
import { createClient, type ScheduleInfo } from "@jobq/server/client";
import { createService, type JobService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, type Schedule } from "@jobq/service/cron";
import { createWorkflows } from "@jobq/service/workflow";
import type { Io } from "../io.ts";
import type { Server } from "../settings/settings.ts";
import { namingStore } from "../store/naming-store.ts";
import { openStore } from "../store/open-store.ts";
import type { BundleActions, OpenedQueue, OpenedService, ScheduleActions } from "./queue.ts";
import { reaching } from "./reaching.ts";

/** The queue of a server. */
export function queueBehind({ url, key }: Server): OpenedQueue {
  const client = createClient({ url, key, fetch: reaching(url) });
  return {
    queue: client,
    submit: (submissions) => client.submit(submissions),
    schedules: client.schedules,
    workflows: client.workflows,
    bundles: client.bundles,
    events: (options) => client.events(options),
    service: undefined,
  };
}

/**
 * Opens a service over a store, and closes it whatever comes of the work; what fails in the background meanwhile is told by
 * what the work does itself.
 * @throws {JobqError} the store failed; the message names it
 */
export function withService<T>(
  store: string,
  { cwd }: Io,
  { create }: { readonly create: boolean },
  work: (opened: OpenedService) => Promise<T>,
): Promise<T> {
  return namingStore(store, async () => {
    const { jobs, topics, sql, close } = await openStore(store, { cwd, create });
    const service = createService({ jobs, topics });
    try {
      if (create) await sql?.migrate();
      return await work(queueOf(service));
    } finally {
      await service.close({ deadline: "5s" });
      await close();
    }
  });
}

function queueOf(service: JobService): OpenedService {
  return {
    queue: service,
    submit: (submissions, definitions) => {
      const kinds = new JobKinds(definitions);
      return service.enqueueMany(submissions.map((one) => kinds.request(one)));
    },
    schedules: schedulesOf(service),
    workflows: createWorkflows(service),
    bundles: bundlesOf(service),
    events: undefined,
    service,
  };
}

function bundlesOf(service: JobService): BundleActions {
  const bundles = createBundles(service);
  return {
    list: async (filter) => {
      const heads = await bundles.list({ ...filter, order: "newest" });
      const known = await Promise.all(heads.map(({ id }) => bundles.get(id)));
      return known.filter((bundle) => bundle !== undefined);
    },
    get: (id) => bundles.get(id),
    cancel: (id) => bundles.cancel(id),
  };
}

function schedulesOf(service: JobService): ScheduleActions {
  const schedules = createSchedules(service);
  return {
    list: async () => (await schedules.list()).map(scheduleInfo),
    get: async (name) => {
      const schedule = await schedules.get(name);
      return schedule && { ...scheduleInfo(schedule), payload: schedule.payload };
    },
    pause: (name) => schedules.pause(name),
    resume: (name) => schedules.resume(name),
    trigger: (name) => schedules.trigger(name),
    remove: (name) => schedules.remove(name),
  };
}

/** A schedule as the client of a server has it. */
function scheduleInfo(schedule: Schedule): ScheduleInfo {
  const { name, when, timezone, topic, jobName, missed, most, jitterMs, isPaused, isCanceled } = schedule;
  const { untilAt, nextAt, lastAt } = schedule;
  return {
    ...{ name, when, timezone, topic, jobName, missed, most, jitterMs, paused: isPaused, canceled: isCanceled },
    ...{ untilAt, nextAt, lastAt },
  };
}
