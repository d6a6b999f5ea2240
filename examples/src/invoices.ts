/**
 * The main example: a file of invoices becomes jobs, a worker runs them, a table says what happened.
 *
 *   npm start                      jobs and results are kept in ./jobq-data
 *   npm start -- --data DIR        … in DIR
 *   npm start -- --again           forgets what is there and begins anew
 *   npm start -- --memory          jobs are kept in memory, results in ./jobq-data
 *
 *   npm run serve                  opens ./jobq-data in a server, with a dashboard, once this has ended
 *
 * Kill it at any moment, even with SIGKILL, and start it again: it goes on where it was, and the table at the end is
 * the same. Once all is done, starting it again only shows the table. It exits with 0 when all is done, with 1 when
 * something failed, with 2 when it was called wrongly, and with 130 or 143 when it was stopped by a signal.
 */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isFinal, type JobHead, JobqError } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createWorker, defineJob, type JobContext, type JobDefinition } from "@jobq/service/worker";
import { csvLine, parseCsv } from "./invoices/csv.ts";
import { euros, grouped, Progress, table } from "./invoices/display.ts";
import { customerOf, KINDS, type Kind, kindOf, type Row } from "./invoices/invoice.ts";
import { type Billed, invoiceJobs, LEASE, readCustomers } from "./invoices/jobs.ts";

/** What each topic carries. The import is a job like any other: its result says that it is over, and what it found. */
type Topics = { import: { file: string } } & Record<Kind, Row>;

/** The result of the import: by topic, how many rows there were, and how many repeated a number. */
type Imported = Record<Kind, { rows: number; duplicates: number }>;

const TOPICS = Object.keys(KINDS) as Kind[];
const WEIGHTS: Readonly<Record<string, number>> = { gold: -10, silver: 0, bronze: 10 };
const INVOICES = new URL("../data/invoices.csv", import.meta.url);
/** Jobs of a topic that run at once. */
const CONCURRENCY = 20;

const options = readArguments();
const store = join(options.data, "store");
const invoices = join(options.data, "invoices");
const ledger = join(options.data, "ledger.csv");
if (options.again)
  await Promise.all([store, invoices, ledger].map((path) => rm(path, { recursive: true, force: true })));
await mkdir(invoices, { recursive: true });

const customers = await readCustomers();

// Two repositories over the same path share one database: each step is one atomic write.
const svc = createService<Topics>({
  jobs: options.memory ? memoryJobs() : levelJobs(store),
  topics: options.memory ? memoryTopics() : levelTopics(store),
  defaults: {
    timeout: LEASE,
    maxRetries: 4,
    backoff: { min: "50ms", max: "400ms" },
    maxLeaseLosses: 1000, // so that jobs are not canceled as poison when you kill this program for fun
  },
});
svc.on("error", ({ error, doing }) => console.error(`${doing}:`, error));

/** Aborts when there is nothing left to do, or somebody wants us to stop. */
const stop = new AbortController();
let stoppedBy: "SIGINT" | "SIGTERM" | undefined;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    stoppedBy = name;
    stop.abort();
  });
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  // Such as STORE_LOCKED: another run is still at it.
  console.error(error instanceof JobqError ? `${error.code}: ${error.message}` : error);
} finally {
  stop.abort();
  await svc.close({ deadline: "5s" });
}

async function main(): Promise<void> {
  const imported = await importInvoices();
  if (!stop.signal.aborted) await workAll();
  if (imported && !stoppedBy) await report(imported);
  else await sayHowToGoOn();
}

/**
 * Makes jobs of the rows. To die in the midst of it harms nothing: nobody works before the import is done, so all its
 * jobs are still live, and the unique keys keep the next run from adding them again.
 */
async function importInvoices(): Promise<Imported | undefined> {
  const [known] = await svc.find({ topic: "import", limit: 1 });
  if (known?.state === "done") return (await svc.get(known.id))?.result as Imported;
  const id = known?.id ?? (await svc.enqueue("import", { file: fileURLToPath(INVOICES) }));
  const importFile = defineJob("import", { run: importRows });
  // If a run was killed while it had this job, this waits until its lease has ended.
  await work([importFile], () => svc.result(id, { signal: stop.signal }));
  return (await svc.get(id))?.result as Imported | undefined;
}

async function importRows({ file }: Topics["import"], { signal }: JobContext): Promise<Imported> {
  const rows = parseCsv(await readFile(file, "utf8")) as unknown as Row[];
  const imported = Object.fromEntries(TOPICS.map((topic) => [topic, { rows: 0, duplicates: 0 }])) as Imported;
  const seen = new Set<string>();
  for (let from = 0; from < rows.length; from += 100) {
    signal.throwIfAborted();
    const page = rows.slice(from, from + 100);
    const receipts = await svc.enqueueMany(page.map((row, index) => request(row, from + index)));
    for (const [index, row] of page.entries()) {
      const count = imported[kindOf(row)];
      const { id } = receipts[index] as { id: string };
      count.rows++;
      // A number that was in the file before is answered with the job that is there for it.
      if (seen.has(id)) count.duplicates++;
      seen.add(id);
    }
  }
  console.log(`Read ${grouped(rows.length)} rows: ${grouped(seen.size)} jobs.`);
  return imported;
}

/** Runs jobs of these kinds until there is no reason to any more, or somebody wants us to stop. */
async function work(jobs: readonly JobDefinition<never, unknown>[], until: () => Promise<unknown>): Promise<void> {
  const topics = Object.fromEntries(jobs.map(({ topic }) => [topic, { concurrency: CONCURRENCY }]));
  const worker = createWorker(svc, { jobs, topics, lease: LEASE });
  await worker.start();
  try {
    await until();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await worker.stop({ deadline: "5s" }); // what runs ends first
  }
}

/** A row as a job: good customers first, credit notes a little later than the invoices they may correct. */
function request(row: Row, index: number) {
  const topic = kindOf(row);
  const weight = WEIGHTS[customerOf(row, customers)?.tier ?? ""] ?? 0;
  const unique = row.number === "" ? `row ${index}` : `invoice ${row.number}`;
  return { topic, payload: row, options: { weight, unique, ...(topic === "credits" && { delay: "500ms" as const }) } };
}

/** Runs the invoices until no job is left that could still be run. */
async function workAll(): Promise<void> {
  let [live, ended] = [0, 0];
  for (const { topic, state, count } of await svc.tally()) {
    if (topic === "import") continue;
    if (isFinal(state)) ended += count;
    else live += count;
  }
  if (live === 0) return;
  if (ended > 0) console.log(`Going on: ${grouped(live)} of ${grouped(live + ended)} jobs are left.`);

  const stopped = new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
  const progress = new Progress(live + ended, ended);
  const counts = { done: 0, retried: 0, canceled: 0 };
  const details = () => `done ${counts.done}, retried ${counts.retried}, canceled ${counts.canceled}`;
  svc.on("retried", () => counts.retried++);
  for (const type of ["done", "canceled"] as const) {
    svc.on(type, () => {
      counts[type]++;
      progress.step(details);
      if (--live === 0) stop.abort();
    });
  }
  await work(invoiceJobs(options.data, customers), () => stopped);
  progress.end();
}

/** Says what happened, from what is stored alone: this run may have seen only the last bit of it. */
async function report(imported: Imported): Promise<void> {
  const lines: string[] = [];
  const reasons = new Map<string, number[]>();
  const rows = await Promise.all(
    TOPICS.map(async (topic, column) => {
      const { rows, duplicates } = imported[topic];
      const sums = { done: 0, retried: 0, canceled: 0, net: 0, tax: 0 };
      for (const job of await jobsOf(topic)) {
        if (job.attempt > 1) sums.retried++;
        if (job.state === "done") {
          const { net, tax, line } = await resultOf(job);
          sums.done++;
          sums.net += net;
          sums.tax += tax;
          lines.push(line);
        } else {
          const reason = (job.reason === "rejected" ? job.error : job.reason) ?? "";
          const counts = reasons.get(reason) ?? TOPICS.map(() => 0);
          counts[column] = (counts[column] ?? 0) + 1;
          reasons.set(reason, counts);
          sums.canceled++;
        }
      }
      return [rows, duplicates, sums.done, sums.retried, sums.canceled, sums.net, sums.tax];
    }),
  );
  await writeFile(
    `${ledger}.part`,
    csvLine(["number", "issued", "customer", "net", "tax", "gross"]) + lines.sort().join(""),
  );
  await rename(`${ledger}.part`, ledger);

  const total = (all: readonly (readonly number[])[]) =>
    (all[0] ?? []).map((_, at) => all.reduce((sum, row) => sum + (row[at] ?? 0), 0));
  const money = (row: readonly number[]) => [...row.slice(0, -2), ...row.slice(-2).map(euros)];
  const header = ["topic", "rows", "duplicates", "done", "retried", "canceled", "net EUR", "tax EUR"];
  console.log(
    `\n${table(header, [...rows.map((row, at) => [TOPICS[at] as string, ...money(row)]), ["total", ...money(total(rows))]])}`,
  );
  const canceled = [...reasons].sort(([a], [b]) => (a < b ? -1 : 1));
  console.log(
    `\n${table(
      ["canceled because", ...TOPICS, "total"],
      canceled.map(([reason, counts]) => [reason, ...counts, counts.reduce((a, b) => a + b)]),
    )}`,
  );
  console.log(`\nThe invoices are in ${invoices}, the ledger is ${ledger}.`);
  if (options.memory) return;
  const where = options.data === "jobq-data" ? "" : ` -- --data-dir ${store}`;
  console.log("All is done; to begin anew, add --again.");
  console.log(`To look at the jobs in a server: npm run serve${where}`);
}

async function jobsOf(topic: Kind): Promise<JobHead[]> {
  const jobs: JobHead[] = [];
  for (;;) {
    const after = jobs.at(-1)?.id;
    const page = await svc.find({ topic, limit: 1000, ...(after !== undefined && { after }) });
    jobs.push(...page);
    if (page.length < 1000) return jobs;
  }
}

async function resultOf({ id }: JobHead): Promise<Billed> {
  return (await svc.get(id))?.result as Billed;
}

async function sayHowToGoOn(): Promise<void> {
  process.exitCode = 128 + constants.signals[stoppedBy ?? "SIGINT"];
  console.log(
    options.memory
      ? "Stopped. What was in memory is gone: the next run begins anew."
      : `Stopped. To go on, start it again${options.data === "jobq-data" ? "" : ` with --data ${options.data}`}.`,
  );
}

function readArguments(): { readonly memory: boolean; readonly again: boolean; readonly data: string } {
  try {
    const { values } = parseArgs({
      options: {
        memory: { type: "boolean", default: false },
        again: { type: "boolean", default: false },
        data: { type: "string", default: "jobq-data" },
      },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\nUse: npm start -- [--memory] [--data DIR] [--again]`);
    process.exit(2);
  }
}
