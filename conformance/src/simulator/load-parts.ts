import { createService } from "@jobq/service";
import { connectTo, openSite, type Site } from "./site.ts";

let loading: Promise<void> | undefined;

/** Has what a service loads when it is first needed there already: nothing but the stores may move a simulated world. */
export function loadParts(open: () => Site | Promise<Site>): Promise<void> {
  loading ??= load(open).catch((error) => {
    loading = undefined; // what was wrong with this site need not be with the next one
    throw error;
  });
  return loading;
}

async function load(open: () => Site | Promise<Site>): Promise<void> {
  const site = await openSite(open);
  const service = createService(await connectTo(site));
  // A job that waits for itself is refused by the part that is loaded for such jobs, before anything is stored.
  const circle = [{ topic: "topic", payload: 0, options: { after: [0] } }];
  await service.enqueueMany(circle).catch((error) => {
    if (!(error instanceof TypeError)) throw error;
  });
  await service.close({ deadline: 0 });
  await site.dispose?.();
}
