import { createClient } from "@jobq/server/client";
import { createService } from "@jobq/service";
import type { Io } from "../io.ts";
import type { Target } from "../settings/settings.ts";
import { openStore } from "../store/open-store.ts";
import type { OpenedQueue } from "./queue.ts";
import { reaching } from "./reaching.ts";

/** Opens a queue for the time of a command. */
export async function openQueue(target: Target, io: Io): Promise<OpenedQueue> {
  if (target.kind === "url") {
    const { url, key } = target;
    const client = createClient({ url, key, fetch: reaching(url) });
    return { queue: client, events: (signal) => client.events({ signal }), service: undefined, close: async () => {} };
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
    events: undefined,
    service,
    async close() {
      await service.close({ deadline: "5s" });
      await close();
    },
  };
}
