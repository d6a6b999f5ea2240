import { isFinal } from "@jobq/core";
import { createWorker, type WorkerOptions } from "@jobq/service/worker";
import { afterEach } from "vitest";
import { pass, type Rig, settled } from "../harness.ts";

/** Anything a worker takes. */
export type Jobs = NonNullable<WorkerOptions["jobs"]>;

const workers = new Set<{ stop(options: object): Promise<void> }>();
afterEach(async () => {
  await Promise.all([...workers].map((worker) => worker.stop({ deadline: 0 })));
  workers.clear();
});

/** Has a worker run these until the returned function is called, which is a deploy. */
export async function working({ svc }: Pick<Rig, "svc">, ...jobs: Jobs): Promise<() => Promise<void>> {
  const worker = createWorker(svc, { jobs });
  workers.add(worker);
  await worker.start();
  await settled();
  return async () => {
    workers.delete(worker);
    await worker.stop({ deadline: 0 });
  };
}

/** Moves time on, in steps of up to a minute, until the job has ended, for up to so long. */
export async function ended({ svc, clock }: Rig, id: string, most = 3_600_000) {
  for (let passed = 0; passed <= most; passed += 30_000) {
    await settled();
    const status = await svc.status(id);
    if (!status || isFinal(status.state)) return svc.result(id);
    await pass(clock, 30_000);
  }
  throw new Error(`job ${id} has not ended: ${JSON.stringify(await svc.status(id))}`);
}

/** A promise that is settled by hand. */
export function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
