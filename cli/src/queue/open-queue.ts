import { JobKinds } from "@jobq/server";
import { createClient, type ScheduleInfo } from "@jobq/server/client";
import { createService, type JobService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, type Schedule } from "@jobq/service/cron";
import { createWorkflows } from "@jobq/service/workflow";
import type { Io } from "../io.ts";
import type { Target } from "../settings/settings.ts";
import { openStore } from "../store/open-store.ts";
import type { BundleActions, OpenedQueue, ScheduleActions } from "./queue.ts";
import { reaching } from "./reaching.ts";

/** Opens a queue for the time of a command. */
export async function openQueue(target: Target, io: Io): Promise<OpenedQueue> {
  if (target.kind === "url") {
    const { url, key } = target;
    const client = createClient({ url, key, fetch: reaching(url) });
    return {
      queue: client,
      submit: (submissions) => client.submit(submissions),
      schedules: client.schedules,
      workflows: client.workflows,
      bundles: client.bundles,
      events: (options) => client.events(options),
      service: undefined,
      close: async () => {},
    };
  }
  return openService(target.store, io, { create: false });
}

/** Opens a service over a store; what fails in the background while the command runs is told by what it does itself. */
export async function openService(
  store: string,
  { cwd }: Io,
  { create }: { readonly create: boolean },
): Promise<OpenedQueue & { readonly service: NonNullable<OpenedQueue["service"]> }> {
  const { jobs, topics, sql, close } = await openStore(store, { cwd, create });
  if (create) await sql?.migrate();
  const service = createService({ jobs, topics });
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
    async close() {
      await service.close({ deadline: "5s" });
      await close();
    },
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
