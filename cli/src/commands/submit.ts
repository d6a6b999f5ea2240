import { wrongType } from "@jobq/core";
import { type EnqueueOptions, PRIORITIES, type Priority } from "@jobq/service";
import { attemptTimeout } from "@jobq/service/module";
import type { JobDefinition } from "@jobq/service/worker";
import type { Command } from "commander";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { duration } from "../input/duration.ts";
import { instant } from "../input/instant.ts";
import { payloadOf, textOf } from "../input/payload.ts";
import { tagsOf } from "../input/tags.ts";
import { wholeNumber } from "../input/whole-number.ts";
import type { Queue, Submission } from "../queue/queue.ts";
import { definitionsOf } from "../serve/built-in-jobs.ts";
import { loadJobsModule } from "../serve/jobs-module.ts";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

interface SubmitOptions {
  readonly type?: string;
  readonly topic?: string;
  readonly payload?: string;
  readonly priority?: string;
  readonly weight?: string;
  readonly delay?: string;
  readonly at?: string;
  readonly timeout?: string;
  readonly maxAttempts?: string;
  readonly unique?: string;
  readonly tag?: readonly string[];
  readonly after?: readonly string[];
  readonly expires?: string;
  readonly limit?: string;
  readonly origin?: string;
  readonly correlationId?: string;
  readonly jobs?: string;
  readonly batch?: string;
  readonly wait?: string | boolean;
}

/** Adds `jobq submit`. */
export function addSubmit(program: Command, bind: Bind): void {
  subcommand(program, "submit", "Submit a job, or a batch of them")
    .option("-t, --type <type>", "which handler runs it")
    .option("--topic <topic>", "the queue it goes to; by default that of its definition, or the type")
    .option("-p, --payload <json>", "JSON, @FILE or - for standard input")
    .option("--priority <priority>", "0 to 4, or critical, high, normal, low, bulk")
    .option("--weight <weight>", "-32768 to 32767, lower runs first; instead of --priority")
    .option("--delay <duration>", "not before so long from now")
    .option("--at <instant>", "not before this instant; instead of --delay")
    .option("--timeout <duration>", "how long an attempt may take; then it has failed")
    .option("--max-attempts <number>", "attempts in all; by default those of its definition")
    .option("--unique <key>", "while a job with this key is live, no other is added")
    .option("--tag <name=value...>", "what to find it by")
    .option("--after <id...>", "not before these jobs have ended")
    .option("--expires <duration>", "time to live")
    .option("--limit <key:number>", "at most so many live jobs of the key at once")
    .option("--origin <text>", "where it comes from")
    .option("--correlation-id <text>", "what it is about, across systems")
    .option("--jobs <module>", "straight on a store: the module with its definition; a server knows its own")
    .option(
      "--batch <file>",
      "a file, or - for standard input: each line is the payload of a job, in JSON; all are stored, or none",
    )
    .option("--wait [duration]", "wait for its end, and print its result")
    .action(bind(submit));
}

async function submit(session: Session, _: readonly string[], options: SubmitOptions): Promise<ExitCode> {
  const { io, printer } = session;
  if (!options.type) throw new UsageError("--type says which handler runs the job");
  if (options.batch !== undefined && (options.payload !== undefined || options.wait !== undefined)) {
    throw new UsageError("--batch has the payloads of many jobs: neither --payload nor --wait goes with it");
  }
  const { type, topic } = options;
  const shared = enqueueOptionsOf(options);
  const payloads =
    options.batch === undefined ? [await payloadOf(options.payload, io)] : await batchOf(options.batch, session);
  const submissions = payloads.map((payload): Submission => ({ type, topic, payload, options: shared }));
  const definitions = await definitionsHere(session, options.jobs, type);
  return withQueue(session, async ({ queue, submit }) => {
    const receipts = await submit(submissions, definitions).catch((error) => {
      throw options.batch === undefined ? ofTheOnlyOne(error) : error;
    });
    const ids = receipts.map(({ id }) => id);
    const [id] = ids;
    if (options.wait !== undefined && id !== undefined) return waitFor(session, queue, id, options.wait);
    if (printer.json) await printer.value(options.batch === undefined ? receipts[0] : receipts);
    else if (ids.length > 0) await printer.line(ids.join("\n"));
    return EXIT_CODES.ok;
  });
}

/** The error without the place of the job among others, of which there are none. */
function ofTheOnlyOne(error: unknown): unknown {
  if (error instanceof Error) error.message = error.message.replace(/^requests\[0\]: /, "");
  return error;
}

/**
 * The definitions of a module, where one is given. A type that it does not have is more often misspelled than one that
 * others know.
 * @throws {UsageError} a module beside a server, which would not be asked
 */
async function definitionsHere(
  { io, printer, settings }: Session,
  jobs: string | undefined,
  type: string,
): Promise<readonly JobDefinition[]> {
  if (settings.target.kind === "store") {
    const module = settings.first("jobs");
    const definitions = definitionsOf(await loadJobsModule(module, io.cwd));
    if (module === undefined || definitions.some(({ name }) => name === type)) return definitions;
    const names = definitions.map(({ name }) => name).join(", ");
    await printer.note(`${module.value} has no definition of ${type}, but of ${names}: its options are the defaults`);
    return definitions;
  }
  if (jobs === undefined) return [];
  throw new UsageError("--jobs goes with --store: a server knows the definitions of its own --jobs");
}

/** Prints how the job ended; one that failed is a failure of the command. */
async function waitFor(session: Session, queue: Queue, id: string, wait: string | boolean): Promise<ExitCode> {
  const { io, printer } = session;
  const timeout = typeof wait === "string" ? { timeout: duration(wait, "--wait") } : {};
  const ending = await queue.result(id, { ...timeout, signal: io.signal });
  if (printer.json) {
    await printer.value({ id, ...ending });
    return ending.state === "done" ? EXIT_CODES.ok : EXIT_CODES.failed;
  }
  if (ending.state === "done") {
    await printer.line(JSON.stringify(ending.result ?? null));
    return EXIT_CODES.ok;
  }
  const why = ending.state === "removed" ? "removed" : `canceled (${ending.reason})`;
  const error = ending.state === "canceled" && ending.error ? `: ${ending.error}` : "";
  await printer.note(`job ${id} is ${why}${error}`);
  return EXIT_CODES.failed;
}

async function batchOf(file: string, session: Session): Promise<unknown[]> {
  const text = await textOf(file === "-" || file.startsWith("@") ? file : `@${file}`, session.io);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    try {
      return JSON.parse(line);
    } catch {
      throw new UsageError(
        `line ${index + 1} of --batch must be the payload of a job in JSON, got ${line.slice(0, 60)}`,
      );
    }
  });
}

function enqueueOptionsOf(options: SubmitOptions): Submission["options"] {
  const { delay, at, timeout, maxAttempts, tag, expires, weight, priority } = options;
  const attempts = maxAttempts === undefined ? undefined : wholeNumber(maxAttempts, "--max-attempts", 1);
  return present({
    delay: delay === undefined ? undefined : duration(delay, "--delay"),
    at: at === undefined ? undefined : instant(at, "--at"),
    ...(timeout !== undefined && attemptTimeout(duration(timeout, "--timeout"))),
    expires: expires === undefined ? undefined : duration(expires, "--expires"),
    maxRetries: attempts === undefined ? undefined : attempts - 1,
    weight: weight === undefined ? undefined : wholeNumber(weight, "--weight"),
    priority: priority === undefined ? undefined : priorityOf(priority),
    limit: options.limit === undefined ? undefined : limitOf(options.limit),
    unique: options.unique,
    after: options.after,
    origin: options.origin,
    correlationId: options.correlationId,
    tags: tagsOf(tag),
  });
}

function priorityOf(text: string): Priority {
  const names = Object.keys(PRIORITIES) as Priority[];
  const name = /^\d$/.test(text) ? names[Number(text)] : names.find((one) => one === text);
  if (name) return name;
  throw wrongType("--priority", `0 to 4, or one of ${names.join(", ")}`, text);
}

function limitOf(text: string): { key: string; concurrency: number } {
  const [, key, number] = /^(.+):(\d+)$/s.exec(text) ?? [];
  if (key === undefined || number === undefined) throw wrongType("--limit", "KEY:NUMBER", text);
  return { key, concurrency: wholeNumber(number, "--limit") };
}

function present(options: EnqueueOptions): Submission["options"] {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
