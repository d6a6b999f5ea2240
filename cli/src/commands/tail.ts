import { JobqError, wrongType } from "@jobq/core";
import { EVENT_TYPES } from "@jobq/server";
import type { JobEventType } from "@jobq/service";
import type { Command } from "commander";
import { UsageError } from "../failure.ts";
import { wholeNumber } from "../input/whole-number.ts";
import { rfc3339 } from "../output/ages.ts";
import { firstLine } from "../output/first-line.ts";
import { jobValue, stateCell } from "../output/job-view.ts";
import { type Bind, type Session, subcommand, withQueue } from "../session.ts";

interface TailOptions {
  readonly topic?: string;
  readonly type?: string;
  readonly event?: readonly string[];
  readonly count?: string;
}

/** Adds `jobq tail`. */
export function addTail(program: Command, bind: Bind): void {
  subcommand(program, "tail", "Print what happens to jobs as it happens, until stopped")
    .argument("[id]", "only of this job")
    .option("--topic <topic>", "only of this topic")
    .option("-t, --type <type>", "only of jobs of this type")
    .option("-e, --event <event...>", `only these: ${EVENT_TYPES.join(", ")}`)
    .option("-n, --count <number>", "stop after so many")
    .action(bind(tail));
}

async function tail(session: Session, [id]: readonly string[], options: TailOptions): Promise<void> {
  const { io, printer } = session;
  const { topic, type } = options;
  const types = eventTypes(options.event);
  let left = options.count === undefined ? Number.POSITIVE_INFINITY : wholeNumber(options.count, "--count", 1);
  await withQueue(session, async ({ queue, events }) => {
    if (!events)
      throw new UsageError(
        "jobq tail takes a server: --url; of a store, a program of yours can read svc.events({ everywhere: true })",
      );
    await queue.topics(); // a stream that breaks is taken up again; a server that is not there, or refuses, is an error
    if (id !== undefined && !(await queue.status(id))) {
      throw new JobqError("JOB_NOT_FOUND", `job ${id} does not exist`, { details: { id } });
    }
    const onGap = (): void => void printer.note("the connection was lost, and events that came meanwhile are missing");
    for await (const event of events({ signal: io.signal, onGap })) {
      if (id !== undefined && event.id !== id) continue;
      if ((topic !== undefined && event.topic !== topic) || (type !== undefined && event.name !== type)) continue;
      if (types && !types.includes(event.type)) continue;
      const { type: what, at, ...job } = event;
      if (printer.json) await printer.line(JSON.stringify({ event: what, at: rfc3339(at), ...jobValue(job) }));
      else {
        const cell = stateCell(job);
        const state = printer.style(cell.text.padEnd(10), cell.style);
        const error = job.error ? `  ${firstLine(job.error)}` : "";
        await printer.line(`${rfc3339(at)}  ${what.padEnd(9)} ${state} ${job.id}  ${job.topic}${error}`);
      }
      if (--left <= 0) return;
    }
    io.signal.throwIfAborted();
  });
}

/** @throws {TypeError} an event that there is not, for which one would wait in vain */
function eventTypes(names: readonly string[] | undefined): readonly JobEventType[] | undefined {
  return names
    ?.flatMap((name) => name.split(","))
    .map((name) => {
      const type = EVENT_TYPES.find((one) => one === name);
      if (type) return type;
      throw wrongType("--event", `one of ${EVENT_TYPES.join(", ")}`, name);
    });
}
