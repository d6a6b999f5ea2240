import { JobKinds } from "@jobq/server";
import { createClient } from "@jobq/server/client";
import { createService, type JobService } from "@jobq/service";
import { createSchedules } from "@jobq/service/cron";
import type { Io } from "../io.ts";
import type { Target } from "../settings/settings.ts";
import { openStore } from "../store/open-store.ts";
import type { OpenedQueue, ScheduleActions } from "./queue.ts";
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
      events: (signal) => client.events({ signal }),
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
    events: undefined,
    service,
    async close() {
      await service.close({ deadline: "5s" });
      await close();
    },
  };
}

function schedulesOf(service: JobService): ScheduleActions {
  const schedules = createSchedules(service);
  return {
    list: async () => {
      const all = await schedules.list();
      return all.map(({ isPaused, when, nextAt, lastAt, ...rest }) => {
        return { ...rest, when: { ...when }, paused: isPaused, nextAt, lastAt };
      });
    },
    pause: (name) => schedules.pause(name),
    resume: (name) => schedules.resume(name),
    trigger: (name) => schedules.trigger(name),
    remove: (name) => schedules.remove(name),
  };
}
