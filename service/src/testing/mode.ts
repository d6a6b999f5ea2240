import { checkOptions, type OptionNames } from "@jobq/core";
import {
  checkType,
  contextOf,
  type EnqueueCall,
  type JobService,
  type StorageOfContext,
  type TopicMap,
} from "../module.ts";
import { type EnqueuedJob, enqueuedJob } from "./enqueued-job.ts";
import { Recording } from "./recording.ts";

/** Where a mode applies. */
export interface ModeOptions {
  /** Applies the mode only to calls made from `body`, and not to other users of the service. */
  readonly context?: StorageOfContext | undefined;
}

/** The options of every mode. */
export const MODE_OPTIONS: OptionNames<ModeOptions> = { context: true };

/** What a mode does with a job instead of storing it; what it rejects with, the call to `enqueue` does. */
export type Handle = (job: EnqueuedJob) => Promise<EnqueuedJob>;

/** Runs a body in a mode, or turns the mode on until the recording is told to restore. */
export interface Mode {
  readonly service: JobService;
  readonly handle: Handle;
  readonly options: ModeOptions;
}

/** @throws {TypeError} options that mean nothing; a context without a body */
export function checkMode(options: ModeOptions, body: unknown, known: OptionNames<ModeOptions>): void {
  checkOptions(options, known);
  if (body !== undefined) checkType(body as () => unknown, "function", "body");
  if (options.context === undefined) return;
  checkType(options.context.run, "function", "context.run");
  if (body === undefined) throw new TypeError("a mode of a context takes a body that runs in it");
}

/** A mode that is on. */
interface Active {
  readonly storage: StorageOfContext | undefined;
}

/** By service, the latest last. */
const active = new WeakMap<JobService, Set<Active>>();

/** Has jobs go to `handle` from now on: all of the service, or those of the current context. */
export function enter(
  { service, handle }: Pick<Mode, "service" | "handle">,
  own: Active = { storage: undefined },
): Recording {
  const context = contextOf<TopicMap>(service);
  const enqueued: EnqueuedJob[] = [];
  const take = async (call: EnqueueCall): Promise<string> => {
    const job = await enqueuedJob(context, call);
    const index = enqueued.push(job) - 1; // before what its handler enqueues
    enqueued[index] = await handle(job);
    return job.id;
  };
  const all = active.get(service) ?? new Set();
  active.set(service, all.add(own));
  const leave = context.aroundEnqueue(async (calls, next) => {
    // What counts on its jobs could not go on without them.
    if (deciding(all) !== own || calls.some(({ partOf }) => partOf)) return next(calls);
    const ids: string[] = [];
    for (const call of calls) ids.push(await take(call));
    return ids;
  });
  return new Recording(enqueued, () => {
    all.delete(own);
    leave();
  });
}

/** The mode that holds here: the innermost of this context, or else the latest of the service. */
function deciding(all: ReadonlySet<Active>): Active | undefined {
  const latestFirst = [...all].reverse();
  const isHere = (one: Active): boolean => one.storage !== undefined && isWithin(one.storage.getStore(), one);
  return latestFirst.find(isHere) ?? latestFirst.find(({ storage }) => storage === undefined);
}

/** What a context knows: its mode, and what it knew around it. */
interface Nested {
  readonly mode: Active;
  readonly outer: unknown;
}

function isWithin(store: unknown, mode: Active): boolean {
  for (let one = store as Nested | undefined; one; one = one.outer as Nested | undefined)
    if (one.mode === mode) return true;
  return false;
}

/** Runs the body in the mode and leaves that when it has settled; resolves with what it returns. */
export async function within<Result>(
  mode: Mode,
  body: (recording: Recording) => Result | Promise<Result>,
): Promise<Result> {
  const { context: storage } = mode.options;
  const own: Active = { storage };
  const recording = enter(mode, own);
  try {
    if (!storage) return await body(recording);
    return await storage.run({ mode: own, outer: storage.getStore() } satisfies Nested, () => body(recording));
  } finally {
    recording.restore();
  }
}
