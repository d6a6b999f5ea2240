import { isFinal, type JobHead } from "@jobq/core";
import type { Random } from "../../../conformance/src/simulator/random.ts";
import { resultOf } from "./handler.ts";
import { someOptions } from "./played-worker.ts";
import { checkStopped, close, stop } from "./stopping.ts";
import type { PlayedProcess, World } from "./world.ts";

/** Longer than it takes to look for lost entries, and than all jobs take one after the other. */
const MAX_SECONDS = 400;

/** After the trouble: whoever is left stops, and one worker must bring every job to its end. */
export async function endWell(world: World, random: Random): Promise<void> {
  const { auditor, switchboard } = world;
  world.isCalm = true;
  for (const { gate } of world.processes) gate.disarm();
  await switchboard.run(Number.POSITIVE_INFINITY, random);
  if (random.chance(0.3)) for (const { gate } of world.processes) await switchboard.kill(gate, random);
  for (const process of world.processes) stop(world, process, 5_000);
  await world.pass(8_000, random);
  checkStopped(world);
  for (const process of world.processes) close(world, process, 2_000);
  await world.pass(5_000, random);
  checkStopped(world);
  for (const asked of world.open.keys()) auditor.violate(`${asked} is never answered`);
  const last = await world.process(0);
  const { worker } = world.addWorker(last, { ...someOptions(random), names: ["steady", "timed", "strange"] });
  world.ask(last, "start the last worker", () => worker.start());
  for (let second = 0; second < MAX_SECONDS && openJobs(world).length > 0; second++) await world.pass(1_000, random);
  const [left] = openJobs(world);
  if (left) auditor.violate(`${left.tags?.label} is ${left.state} for ever`);
  if (auditor.violation !== undefined) return;
  await checkEnds(world, last);
  stop(world, last, 0);
  await world.pass(1_000, random);
  checkStopped(world);
}

function openJobs({ auditor }: World): JobHead[] {
  return [...auditor.known.values()].filter(({ state }) => !isFinal(state));
}

/** Results are those of the runs that ended the jobs, and hooks were told of these. */
async function checkEnds(world: World, { stores }: PlayedProcess): Promise<void> {
  const { auditor } = world;
  for (const [label, head] of auditor.known) {
    const run = auditor.runOf(head);
    const [job] = await stores.jobs.get([head.id]);
    if (
      head.state === "done" &&
      run?.byHand !== "released" &&
      job?.result !== JSON.stringify(run && resultOf(run.plan, run.token))
    )
      auditor.violate(`${label} has the result ${job?.result}`);
    const isRun = head.state === "done" || head.reason === "exhausted" || head.reason === "rejected";
    if (!isRun || run?.byHand !== undefined || world.isDisturbed) continue;
    const expected = head.state === "done" ? "done" : "fail";
    if (run?.told.join() !== expected) auditor.violate(`${label} is ${head.state}, and told are: ${run?.told.join()}`);
  }
}
