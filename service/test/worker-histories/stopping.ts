import type { PlayedWorker } from "./played-worker.ts";
import type { PlayedProcess, World } from "./world.ts";

/** Has the worker of a process stop. */
export function stop(world: World, process: PlayedProcess, deadlineMs: number): void {
  const { worker } = process;
  if (!worker || worker.isStopping) return;
  worker.isStopping = true;
  const { troubles } = world;
  const call = () => worker.worker.stop({ deadline: deadlineMs });
  world.ask(process, `stop ${worker.name} within ${deadlineMs}`, call, () => hasStopped(worker, troubles));
}

/** Closes the service of a process, which is gone then. */
export function close(world: World, process: PlayedProcess, deadlineMs: number): void {
  if (process.isClosing) return;
  process.isClosing = true;
  const { worker, service } = process;
  const { troubles } = world;
  const call = () => service.close({ deadline: deadlineMs });
  world.ask(process, `close within ${deadlineMs}`, call, () => {
    process.isClosed = true;
    if (worker) hasStopped(worker, troubles);
  });
}

function hasStopped(worker: PlayedWorker, troubles: number): void {
  worker.isStopped = true;
  worker.troublesBefore = troubles;
}

/** Once nothing is under way any more: what has stopped holds nothing. */
export function checkStopped(world: World): void {
  for (const process of world.processes) {
    const { worker, isClosed } = process;
    if (world.switchboard.serves(process.gate)) continue;
    if (worker?.isStopped) {
      if (worker.troublesBefore === world.troubles) checkHeld(world, worker);
      process.worker = undefined;
    }
    if (isClosed) world.vacate(process);
  }
}

/** What it had not begun, or what still ran, it has given back; and what has ended is settled, if nothing went wrong. */
function checkHeld({ auditor, isDisturbed }: World, { name, handed }: PlayedWorker): void {
  const heads = new Map([...auditor.known.values()].map((head) => [head.id, head]));
  for (const job of handed) {
    const head = heads.get(job.id);
    if (head?.state !== "reserved" || head.token !== job.token) continue;
    const run = auditor.runOf(job);
    if (!run || run.end === "open" || !isDisturbed)
      auditor.violate(`${name} has stopped and holds ${head.tags?.label} (${run?.end ?? "not begun"})`);
  }
}
