import { constants, createReadStream, createWriteStream } from "node:fs";
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { JobService } from "@jobq/service";
import { exportJobs, type ImportReport, importJobs, type TransferProgress } from "@jobq/service/transfer";
import type { Command } from "commander";
import { UsageError } from "../failure.ts";
import { linesOf } from "../input/lines.ts";
import { jobsText, numberText } from "../output/number-text.ts";
import type { Printer } from "../output/printer.ts";
import { ProgressBar } from "../output/progress-bar.ts";
import { withService } from "../queue/open-queue.ts";
import { type Bind, type Session, subcommand } from "../session.ts";
import { namingSource } from "../store/naming-store.ts";
import { storeIdentity } from "../store/store-address.ts";

/** Adds `jobq export`, `import` and `transfer`. */
export function addTransfer(program: Command, bind: Bind): void {
  subcommand(program, "export", "Write every job of a store with its notes, a line of JSON each")
    .argument("[file]", "where to; standard output by default")
    .action(bind(exportTo));
  subcommand(program, "import", "Store jobs that were exported; those that are there already stay as they are")
    .argument("[file]", "where from; - or nothing is standard input")
    .action(bind(importFrom));
  subcommand(program, "transfer", "Copy every job of a store to another; the same again goes on where it was cut off")
    .argument("<from>", "a store, such as level://./data")
    .argument("<to>", "another, such as postgres://…")
    .action(bind(transfer));
}

async function exportTo(session: Session, [named]: readonly string[]): Promise<void> {
  const { io, printer } = session;
  const file = fileOf(named);
  await withService(storeOf(session, "export"), io, { create: false }, async ({ service }) => {
    const bar = await progressBar(session, service);
    const lines = exportJobs(service, { onProgress: ({ jobs }) => bar.show(jobs) });
    const count = { jobs: 0 };
    try {
      if (file === undefined)
        for await (const line of counted(stopping(lines, io.signal), count)) await printer.line(line);
      else
        await pipeline(linesWithEnds(counted(lines, count)), createWriteStream(resolve(io.cwd, file)), {
          signal: io.signal,
        });
    } catch (error) {
      bar.end();
      if (count.jobs > 0 || io.signal.aborted) {
        await printer.note(`cut off after ${jobsText(count.jobs)}: ${named ?? "what is written"} is not whole`);
      }
      throw error;
    }
    bar.end();
    await printer.note(`${jobsText(count.jobs)} exported`);
  });
}

/** Undefined for standard input and output, which `-` stands for too. */
function fileOf(named: string | undefined): string | undefined {
  return named === "-" ? undefined : named;
}

async function* counted(lines: AsyncIterable<string>, count: { jobs: number }): AsyncGenerator<string> {
  for await (const line of lines) {
    if (!line.startsWith('{"paused"')) count.jobs++;
    yield line;
  }
}

async function* linesWithEnds(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

async function importFrom(session: Session, [named]: readonly string[]): Promise<void> {
  const { io } = session;
  const given = fileOf(named);
  const file = given === undefined ? undefined : resolve(io.cwd, given);
  if (file !== undefined) await mustBeReadable(file);
  await withService(storeOf(session, "import"), io, { create: true }, async ({ service }) => {
    const lines = linesOf(file === undefined ? io.stdin : createReadStream(file), io.signal);
    await importLines(session, service, lines, new ProgressBar(io.stderr, 0));
  });
}

/** @throws {UsageError} before a store is made for what cannot be read */
async function mustBeReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new UsageError(`the import cannot be read: ${(error as Error).message}`);
  }
}

async function transfer(session: Session, [from = "", to = ""]: readonly string[]): Promise<void> {
  if (storeIdentity(from, session.io.cwd) === storeIdentity(to, session.io.cwd))
    throw new UsageError("a store cannot be transferred to itself");
  const { io } = session;
  await withService(from, io, { create: false }, async ({ service: source }) => {
    const bar = await progressBar(session, source);
    await withService(to, io, { create: true }, async ({ service: target }) => {
      const lines = namingSource(from, exportJobs(source));
      await importLines(session, target, stopping(lines, io.signal), bar);
    });
  });
}

/** Says how many jobs were stored, also where not all of them were. */
async function importLines(
  { io, printer }: Session,
  target: JobService,
  lines: AsyncIterable<string>,
  bar: ProgressBar,
): Promise<void> {
  let stored = 0;
  const onProgress = ({ jobs }: TransferProgress): void => {
    stored = jobs;
    bar.show(jobs);
  };
  try {
    const report = await importJobs(target, lines, { onProgress });
    bar.end();
    await tell(printer, report);
  } catch (error) {
    bar.end();
    if (stored > 0) await printer.note(`cut off: ${jobsText(stored)} stored; the same again goes on from there`);
    else if (io.signal.aborted) await printer.note("cut off before a job was stored");
    throw error;
  }
}

/** Ends between two lines when the command is asked to stop: what was stored so far is whole. */
async function* stopping(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  for await (const line of lines) {
    signal.throwIfAborted();
    yield line;
  }
}

/** What the store holds is 100 %. */
async function progressBar({ io }: Session, service: JobService): Promise<ProgressBar> {
  const tally = await service.tally();
  return new ProgressBar(
    io.stderr,
    tally.reduce((sum, { count }) => sum + count, 0),
  );
}

async function tell(printer: Printer, { imported, present, paused }: ImportReport): Promise<void> {
  if (printer.json) return printer.value({ imported, present, paused });
  const more = `${present > 0 ? `, ${numberText(present)} were there already` : ""}${paused > 0 ? `, ${paused} ${paused === 1 ? "topic is" : "topics are"} paused` : ""}`;
  await printer.line(`${jobsText(imported)} imported${more}`);
}

function storeOf({ settings }: Session, doing: string): string {
  const { store } = settings;
  if (store !== undefined) return store;
  throw new UsageError(`jobq ${doing} works on a store while no server runs on it: --store`);
}
