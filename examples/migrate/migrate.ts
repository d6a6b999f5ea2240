/**
 * What the scripts beside this file have in common: jobs of another queue are stored here as they stand there. Each gets
 * an id that is made from what it is called there, and a job that is there already is left alone. So a migration that was
 * killed is simply run again.
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { openStore, storeAddress } from "@jobq/cli";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type EnqueueOptions, type JobService } from "@jobq/service";
import { createSchedules, type ScheduleOptions, type When } from "@jobq/service/cron";
import { contextOf, printable } from "@jobq/service/module";

/** A job as it stands in another queue. */
export interface ForeignJob {
  /** What it is called there; with its topic and the name of the source it names the job for ever. */
  readonly id: string;
  /** Its place among jobs that were made in the same millisecond. */
  readonly rank?: number | undefined;
  readonly createdAt: number;
  readonly topic: string;
  readonly payload: unknown;
  readonly options: EnqueueOptions;
  /** Attempts it has had. */
  readonly attempts: number;
  /** Set for one that has no retries left. */
  readonly failed?: { readonly at: number } | undefined;
  /** When it is of no use any more. */
  readonly expiresAt?: number | undefined;
  /** Why its last attempt failed. */
  readonly error?: string | undefined;
}

/** A job that repeats there. */
export interface ForeignSchedule {
  readonly name: string;
  /** What `schedules.set` takes; throws for what has no counterpart here. */
  readonly plan: () => readonly [when: When, options: ScheduleOptions];
}

/** Jobs that are not brought, such as those that run, and how many there are. */
export interface LeftJobs {
  readonly left: string;
  readonly count: number;
}

/** Another queue, on which nobody works any more. */
export interface Source {
  readonly name: string;
  jobs(): AsyncIterable<ForeignJob | LeftJobs>;
  schedules(): Promise<readonly ForeignSchedule[]>;
}

/** What a migration did; in a dry run what it would do. */
export interface MigrationReport {
  readonly waiting: number;
  readonly delayed: number;
  readonly failed: number;
  readonly schedules: number;
  /** Of these jobs, how many an earlier run had brought. */
  readonly present: number;
  /** Of these jobs, those whose unique key a live job here holds: not stored. */
  readonly held: readonly string[];
  /** What cannot be had here, and why. */
  readonly refused: readonly string[];
  /** What was not brought, such as running jobs, and how many. */
  readonly left: Readonly<Record<string, number>>;
}

export interface MigrationOptions {
  /** Checks and counts, and writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Told after every page how many jobs were read. */
  readonly onProgress?: ((jobs: number) => void) | undefined;
}

const PAGE = 500;

/** Brings the jobs and schedules of another queue. No worker of it is to run meanwhile. */
export async function migrateFrom(
  source: Source,
  svc: JobService,
  { dryRun = false, onProgress = () => {} }: MigrationOptions = {},
): Promise<MigrationReport> {
  const counts = { waiting: 0, delayed: 0, failed: 0, present: 0 };
  const [held, refused]: [string[], string[]] = [[], []];
  const left: Record<string, number> = {};
  const now = await contextOf(svc).now();
  let page: JobToStore[] = [];
  const store = async (): Promise<void> => {
    const done = await storePage(svc, page, dryRun);
    counts.present += done.present;
    held.push(...done.held);
    page = [];
    onProgress(counts.waiting + counts.delayed + counts.failed);
  };
  for await (const foreign of source.jobs()) {
    if ("left" in foreign) {
      if (foreign.count > 0) left[foreign.left] = (left[foreign.left] ?? 0) + foreign.count;
      continue;
    }
    try {
      page.push({ foreign, job: jobOf(source.name, foreign, svc, now) });
      counts[foreign.failed ? "failed" : Number(foreign.options.at) > now ? "delayed" : "waiting"]++;
    } catch (error) {
      refused.push(`job ${foreign.id} of ${foreign.topic}: ${(error as Error).message}`);
    }
    if (page.length === PAGE) await store();
  }
  await store();
  const schedules = await migrateSchedules(await source.schedules(), svc, dryRun, refused);
  return { ...counts, schedules, held, refused, left };
}

interface JobToStore {
  readonly foreign: ForeignJob;
  readonly job: ReturnType<ReturnType<typeof contextOf>["newJob"]>;
}

/** Stores the jobs that are not there yet, all or none. */
async function storePage(
  svc: JobService,
  page: readonly JobToStore[],
  dryRun: boolean,
): Promise<Pick<MigrationReport, "present" | "held">> {
  const context = contextOf(svc);
  const there = await context.jobs.get(page.map(({ job }) => job.id));
  const absent = page.filter((_, index) => there[index] === undefined);
  const present = page.length - absent.length;
  if (dryRun || absent.length === 0) return { present, held: [] };
  const outcome = await context.commit({ now: await context.now(), insert: absent.map(({ job }) => job) });
  if (!outcome.ok) throw new Error(`the store refused a page of jobs: ${outcome.code}`);
  const heldHere = absent.filter(({ job }, index) => outcome.inserted[index] !== job.id);
  return { present, held: heldHere.map(({ foreign }) => `${foreign.topic}: ${foreign.id}`) };
}

async function migrateSchedules(
  foreign: readonly ForeignSchedule[],
  svc: JobService,
  dryRun: boolean,
  refused: string[],
): Promise<number> {
  // A dry run sets them where nobody looks, which refuses what the store would.
  const scratch = dryRun ? createService({ jobs: memoryJobs(), topics: memoryTopics() }) : undefined;
  const schedules = createSchedules(scratch ?? svc);
  let count = 0;
  for (const { name, plan } of foreign) {
    try {
      const [when, options] = plan();
      await schedules.set(name, when, options);
      count++;
    } catch (error) {
      refused.push(`schedule ${name}: ${(error as Error).message}`);
    }
  }
  await scratch?.close();
  return count;
}

/** A new job, made into one that was enqueued, and perhaps tried, before. */
function jobOf(source: string, foreign: ForeignJob, svc: JobService, now: number): JobToStore["job"] {
  const { topic, payload, options, createdAt, attempts, failed, error, expiresAt } = foreign;
  const job = contextOf(svc).newJob(topic, payload, options, now);
  const then = { ...job, id: idOf(source, foreign), createdAt, expiresAt, token: attempts, attempt: attempts };
  const known =
    error === undefined ? then : { ...then, error: contextOf(svc).encodeError(printable(error.slice(0, 8192))) };
  // A job with a limit becomes due like any other, and is given a slot then.
  if (!failed) return job.limit && job.runAt === undefined ? { ...known, runAt: now } : known;
  const { runAt, links, ...ended } = { ...known, expiresAt: undefined }; // those who wanted to know of its end were told there
  return { ...ended, state: "canceled", reason: "exhausted", finishedAt: failed.at };
}

/** A UUID that sorts by when the job was made, and is the same in every run. */
function idOf(source: string, { id, topic, createdAt, rank = 0 }: ForeignJob): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([source, topic, id]))
    .digest("hex");
  const time = Math.trunc(createdAt).toString(16).padStart(12, "0");
  const place = (rank % 0x1000000).toString(16).padStart(6, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${place.slice(0, 3)}-8${place.slice(3)}-${hash.slice(0, 12)}`;
}

/** The nearest weight there is. */
export function weightOf(number: number): number {
  return Math.max(-32_768, Math.min(32_767, number));
}

/** The options that every script takes, beside its own. */
const OPTIONS = { to: { type: "string" }, "dry-run": { type: "boolean" } } as const;

/** Runs one of the scripts by its command line, and prints the report. */
export async function runMigration<Own extends string>(
  own: readonly Own[],
  open: (options: Readonly<Partial<Record<Own, string>>>) => Promise<Source & { close(): Promise<unknown> }>,
): Promise<void> {
  const names = Object.fromEntries(own.map((name) => [name, { type: "string" }] as const));
  const { values } = parseArgs({ options: { ...names, ...OPTIONS } });
  const dryRun = values["dry-run"] === true;
  const to = (values.to as string | undefined) ?? "";
  if (to !== "" || !dryRun) storeAddress(to); // refused before anything is opened
  const source = await open(values as Partial<Record<Own, string>>); // first: it may be refused, and makes nothing
  const target = await openTarget(dryRun ? "memory" : to);
  try {
    const report = await migrateFrom(source, target.svc, {
      dryRun,
      onProgress: (jobs) => console.error(`${jobs} jobs`),
    });
    console.log(JSON.stringify(report, null, 2));
    if (report.refused.length > 0 || report.held.length > 0) process.exitCode = 1;
  } finally {
    await source.close();
    await target.close();
  }
}

/** A dry run has one in memory: it must not even make a database. */
async function openTarget(to: string): Promise<{ svc: JobService; close(): Promise<void> }> {
  const { jobs, topics, sql, close } = await openStore(to, { cwd: process.cwd(), create: true });
  await sql?.migrate();
  const svc = createService({ jobs, topics });
  return {
    svc,
    async close() {
      await svc.close();
      await close();
    },
  };
}
