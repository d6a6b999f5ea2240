/**
 * A report every night at half past two in Berlin: through the night that has no such time, three nights without a
 * process, and a change of the time. The clock is moved by hand, so that a week takes no longer than a moment.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService, type JobService } from "@jobq/service";
import { createSchedules, daily } from "@jobq/service/cron";

const HOUR = 3_600_000;
const folder = await mkdtemp(join(tmpdir(), "jobq-nightly-"));
const clock = new ManualClock(Date.UTC(2026, 2, 27, 12)); // Friday noon; on Sunday the clocks go forward

function local(at: number | string | undefined): string {
  if (at === undefined) return "never";
  const format = {
    timeZone: "Europe/Berlin",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  } as const;
  return new Intl.DateTimeFormat("en-GB", format).format(new Date(at));
}

/** What each process of the program does when it starts. */
async function startProcess(time: string) {
  const svc = createService({ jobs: levelJobs(folder, { clock }), topics: levelTopics(folder) });
  const schedules = createSchedules(svc);
  const { nextAt } = await schedules.set("nightly-report", daily(time), {
    topic: "reports",
    payload: { kind: "sales" },
    timezone: "Europe/Berlin",
    missed: "one",
  });
  const isLate = nextAt !== undefined && nextAt < clock.now();
  console.log(`started on ${local(clock.now())}; a report ${isLate ? "was" : "is"} due on ${local(nextAt)}`);
  await schedules.start();
  return { svc, schedules };
}

type Process = Awaited<ReturnType<typeof startProcess>>;

/** Moves the clock on, and makes the reports that are due by then. */
async function pass({ svc, schedules }: Process, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    const due = (await schedules.get("nightly-report"))?.nextAt ?? 0;
    clock.advance(HOUR);
    if (due <= clock.now()) await makeReports(svc);
  }
}

/** Makes the reports that are due. */
async function makeReports(svc: JobService): Promise<void> {
  for (const job of await svc.reserve("reports", 10, { wait: "1m" })) {
    console.log(`  ${job.tags.instant ? `report of ${local(job.tags.instant)}` : "report out of turn"}`);
    await job.done();
  }
}

const first = await startProcess("02:30");
await pass(first, 48);
await first.svc.close();

clock.advance(72 * HOUR); // Nobody is there for three nights; one report stands for them.
const second = await startProcess("02:30");
await makeReports(second.svc);
await pass(second, 24);
await second.svc.close();

// A new version of the program is deployed, which wants the report later.
const third = await startProcess("06:00");
await pass(third, 24);
await third.schedules.pause("nightly-report");
await third.schedules.trigger("nightly-report");
const [job] = await third.svc.reserve("reports");
console.log(`paused, and triggered by hand: ${job?.tags.schedule}`);
await job?.done();
await third.svc.close();
await rm(folder, { recursive: true });
