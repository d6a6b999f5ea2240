/**
 * The main example: a file of invoices becomes jobs, pull loops work them, a table says what happened.
 *
 *   npm start                      jobs and results are kept in ./jobq-data
 *   npm start -- --data DIR        … in DIR
 *   npm start -- --again           forgets what is there and begins anew
 *   npm start -- --memory          jobs are kept in memory, results in ./jobq-data
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
import { createService, type ReservedJob } from "@jobq/service";
import { csvLine, parseCsv } from "./invoices/csv.ts";
import { euros, grouped, Progress, table } from "./invoices/display.ts";
import {
  type Customer,
  type Customers,
  customerOf,
  Hopeless,
  type Invoice,
  KINDS,
  type Kind,
  kindOf,
  type Row,
  readInvoice,
} from "./invoices/invoice.ts";
import { TaxServiceDown, taxOn } from "./invoices/tax-service.ts";

/** What each topic carries. The import is a job like any other: its result says that it is over, and what it found. */
type Topics = { import: { file: string } } & Record<Kind, Row>;

/** The result of the import: by topic, how many rows there were, and how many repeated a number. */
type Imported = Record<Kind, { rows: number; duplicates: number }>;

/** The result of an invoice, in cents, with its line of the ledger. */
interface Billed {
  readonly net: number;
  readonly tax: number;
  readonly line: string;
}

const TOPICS = Object.keys(KINDS) as Kind[];
const WEIGHTS: Readonly<Record<string, number>> = { gold: -10, silver: 0, bronze: 10 };
const INVOICES = new URL("../data/invoices.csv", import.meta.url);
const CUSTOMERS = new URL("../data/customers.csv", import.meta.url);
/** Long enough for a batch; what a killed run had in hand comes back when it has passed. */
const LEASE = "2s";
const BATCH = 10;
const LOOPS = 2;

const options = readArguments();
const store = join(options.data, "store");
const invoices = join(options.data, "invoices");
const ledger = join(options.data, "ledger.csv");
if (options.again)
  await Promise.all([store, invoices, ledger].map((path) => rm(path, { recursive: true, force: true })));
await mkdir(invoices, { recursive: true });

const customers: Customers = new Map(
  parseCsv(await readFile(CUSTOMERS, "utf8")).map((row) => [row.id as string, row as unknown as Customer]),
);

// Two repositories over the same path share one database: each step is one atomic write.
const svc = createService<Topics>({
  jobs: options.memory ? memoryJobs() : levelJobs(store),
  topics: options.memory ? memoryTopics() : levelTopics(store),
  defaults: {
    timeout: LEASE,
    maxRetries: 4,
    backoff: { min: "50ms", max: "400ms" },
    maxLeaseLosses: 1000, // whoever kills this program for fun shall not find its jobs canceled as poison
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
  if (!known) await svc.enqueue("import", { file: fileURLToPath(INVOICES) });
  while (!stop.signal.aborted) {
    // If a run was killed while it had this job, this waits until its lease has ended.
    for (const job of await reserve("import", 1)) {
      const imported = await importRows(job, parseCsv(await readFile(job.payload.file, "utf8")) as unknown as Row[]);
      await job.done(imported);
      return imported;
    }
  }
  return undefined;
}

async function importRows(job: ReservedJob, rows: readonly Row[]): Promise<Imported> {
  const imported = Object.fromEntries(TOPICS.map((topic) => [topic, { rows: 0, duplicates: 0 }])) as Imported;
  const seen = new Set<string>();
  for (let from = 0; from < rows.length; from += 100) {
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
    await job.extend(LEASE);
  }
  console.log(`Read ${grouped(rows.length)} rows: ${grouped(seen.size)} jobs.`);
  return imported;
}

/** A row as a job: good customers first, credit notes a little later than the invoices they may correct. */
function request(row: Row, index: number) {
  const topic = kindOf(row);
  const weight = WEIGHTS[customerOf(row, customers)?.tier ?? ""] ?? 0;
  const unique = row.number === "" ? `row ${index}` : `invoice ${row.number}`;
  return { topic, payload: row, options: { weight, unique, ...(topic === "credits" && { delay: "500ms" as const }) } };
}

/** Runs the pull loops until no job is left that could still be run. */
async function workAll(): Promise<void> {
  let [live, ended] = [0, 0];
  for (const { topic, state, count } of await svc.tally()) {
    if (topic === "import") continue;
    if (isFinal(state)) ended += count;
    else live += count;
  }
  if (live === 0) return;
  if (ended > 0) console.log(`Going on: ${grouped(live)} of ${grouped(live + ended)} jobs are left.`);

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
  await Promise.all(TOPICS.flatMap((topic) => Array.from({ length: LOOPS }, () => pull(topic))));
  progress.end();
}

/** A pull loop. What it has in hand when it is asked to stop it still finishes. */
async function pull(topic: Kind): Promise<void> {
  while (!stop.signal.aborted) {
    const jobs = await reserve(topic, BATCH);
    await Promise.all(jobs.map((job) => work(job, topic)));
  }
}

/** Jobs of the topic; none when there were none for a while, or somebody wants us to stop. */
async function reserve<T extends keyof Topics>(topic: T, limit: number): Promise<ReservedJob<Topics[T]>[]> {
  try {
    return await svc.reserve(topic, limit, { wait: "5s", lease: LEASE, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) return [];
    throw error;
  }
}

/** Works one job. It may have been worked before by a run that was killed: all it does can be done twice. */
async function work(job: ReservedJob<Row>, kind: Kind): Promise<void> {
  try {
    await job.done(await bill(readInvoice(job.payload, kind, customers), job.attempt));
  } catch (error) {
    if (error instanceof Hopeless) await job.cancel(error.message);
    else if (error instanceof TaxServiceDown) await job.retry({ error });
    // The lease ended, as when a laptop was asleep: the job comes round again.
    else if (!(error instanceof JobqError && error.code === "LEASE_LOST")) throw error;
  }
}

/** Writes the invoice to its own file: whole or not at all, and once, however often it is written. */
async function bill(invoice: Invoice, attempt: number): Promise<Billed> {
  const { number, issued, customer, item, net } = invoice;
  const tax = await taxOn(invoice, attempt);
  const text = [
    `${net < 0 ? "Credit note" : "Invoice"} ${number}, ${issued}`,
    `To: ${customer.name} (${customer.country})`,
    `${item}: ${euros(net)} + tax ${euros(tax)} = EUR ${euros(net + tax)}`,
  ];
  const path = join(invoices, `${number}.txt`);
  await writeFile(`${path}.part`, `${text.join("\n")}\n`, { flush: true });
  await rename(`${path}.part`, path);
  return { net, tax, line: csvLine([number, issued, customer.name, euros(net), euros(tax), euros(net + tax)]) };
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
  if (!options.memory) console.log("All is done; to begin anew, add --again.");
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
