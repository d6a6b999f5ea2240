import type { Job, JobHead, JobId, Note, Timestamp, Unit, UnitOutcome } from "@jobq/core";
import { type EnqueueCall, heldToEdit, type ModuleContext, refusalError } from "../../module.ts";
import { scheduleId } from "../occurrence/derived-id.ts";
import { callOf, jobAsked } from "../occurrence/occurrence-call.ts";
import { readDefinition, readState } from "./read-schedule.ts";
import type { ScheduleDefinition, ScheduleState } from "./schedule-definition.ts";
import { restUntilNext, type ScheduleTurn } from "./schedule-turn.ts";

/** The topic of the jobs that are schedules. */
export const SCHEDULES = "jobq:schedules";

/** A schedule as it is stored. */
export interface StoredSchedule {
  readonly name: string;
  /** The job that is the schedule. */
  readonly job: JobHead;
  readonly definition: ScheduleDefinition;
  readonly state: ScheduleState;
}

/** What to store of a schedule. */
export interface ScheduleEdit extends ScheduleTurn {
  /** Left out where it stays. */
  readonly definition?: ScheduleDefinition | undefined;
  /** There is more to do after it: it is asked again. */
  readonly unfinished?: boolean;
}

/** Asked for every attempt; undefined when nothing is to be done. */
export type MakeEdit = (current: StoredSchedule | undefined, now: Timestamp) => ScheduleEdit | undefined;

const KIND = "schedule";
const DEFINITION = "definition";
const STATE = "state";
const PAGE = 1000;
/** Each refusal is a change that somebody else made: so many in a row means that something is wrong. */
const MAX_REFUSALS = 100;

/**
 * Reads and changes schedules. Every change is made as the holder of the schedule's job and lets go of it in the same
 * unit: its token then tells whether somebody else changed it since it was read, and nobody ever finds it half changed.
 */
export class ScheduleStore {
  readonly #context: ModuleContext;
  /** What was read last of each, since checking it takes longer than all else that a turn does. */
  readonly #definitions = new Map<JobId, { readonly text: string; readonly definition: ScheduleDefinition }>();

  constructor(context: ModuleContext) {
    this.#context = context;
  }

  async read(name: string): Promise<StoredSchedule | undefined> {
    const [job] = await this.#context.jobs.get([scheduleId(name)]);
    return job && this.readNotes(job);
  }

  /** The jobs that are schedules. */
  async jobs(): Promise<JobHead[]> {
    const all: JobHead[] = [];
    for (;;) {
      const page = await this.#context.jobs.find({ topic: SCHEDULES, after: all.at(-1)?.id, limit: PAGE });
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  /** The schedule that the job is, undefined when the job has been removed meanwhile. */
  async readNotes(job: JobHead): Promise<StoredSchedule | undefined> {
    const notes = await this.#context.jobs.notes(job.id, KIND);
    const value = (key: string): string | undefined => notes.find((note) => note.key === key)?.value;
    const [definition, state] = [value(DEFINITION), value(STATE)];
    if (definition === undefined || state === undefined) return undefined;
    return {
      name: job.name,
      job,
      definition: this.#parsed(job.id, definition),
      state: readState(state),
    };
  }

  /** Makes an edit of what is there, from the beginning whenever somebody else was faster. */
  async change(name: string, makeEdit: MakeEdit): Promise<void> {
    for (let refusals = 0; ; ) {
      const now = await this.#context.now();
      const current = await this.read(name);
      const edit = makeEdit(current, now);
      if (!edit) return;
      const outcome = await (current ? this.#edit(current, edit, now) : this.#create(name, edit, now));
      if (outcome.ok && !edit.unfinished) return;
      refusals = outcome.ok ? 0 : refusals + 1;
      if (!outcome.ok && refusals >= MAX_REFUSALS) throw refusalError(outcome, "suspend");
    }
  }

  /** Forgets it; false when it was gone. */
  async remove(job: JobHead): Promise<boolean> {
    const outcome = await this.#context.commit({ now: await this.#context.now(), remove: [job.id] }, [job]);
    this.#definitions.delete(job.id);
    return outcome.ok && outcome.removed.length > 0;
  }

  /** Stores a turn of a schedule that is held with that token. */
  async turn(schedule: StoredSchedule, token: number, turn: ScheduleTurn, now: Timestamp): Promise<UnitOutcome> {
    const { id } = schedule.job;
    const apply = [restUntilNext(id, token, turn, now)];
    return this.commit({ now, apply, note: notesOf(id, turn, now) }, turn.insert);
  }

  /** Stores a unit, with jobs of schedules as they come out of the middleware of `enqueue`. */
  async commit(unit: Unit, owed: readonly Job[]): Promise<UnitOutcome> {
    const { now, insert = [] } = unit;
    const calls = owed.map((job) => callOf(job, this.#context, now));
    const asked = (call: EnqueueCall, at: number): Job =>
      call === calls[at] ? (owed[at] as Job) : jobAsked(call, owed[at] as Job, this.#context, now);
    const stored: { outcome?: UnitOutcome } = {};
    try {
      await this.#context.throughMiddleware(calls, async (given) => {
        const outcome = await this.#context.commit({ ...unit, insert: [...given.map(asked), ...insert] });
        stored.outcome = outcome;
        if (!outcome.ok) throw refusalError(outcome, "suspend");
        return outcome.inserted.slice(0, owed.length);
      });
    } catch (error) {
      if (stored.outcome?.ok !== false) throw error;
    }
    return stored.outcome as UnitOutcome;
  }

  #parsed(id: JobId, text: string): ScheduleDefinition {
    const last = this.#definitions.get(id);
    if (last?.text === text) return last.definition;
    const definition = readDefinition(text);
    this.#definitions.set(id, { text, definition });
    return definition;
  }

  #edit({ job }: StoredSchedule, edit: ScheduleEdit, now: Timestamp): Promise<UnitOutcome> {
    const { id, token } = job;
    const apply = [...heldToEdit(job), restUntilNext(id, token + 1, edit, now)];
    return this.commit({ now, apply, note: notesOf(id, edit, now) }, edit.insert);
  }

  /** The first token says that nobody has created it before: another's job of that name has had it already. */
  #create(name: string, edit: ScheduleEdit, now: Timestamp): Promise<UnitOutcome> {
    const job = this.#newJob(name, now);
    const apply = [...heldToEdit(job), restUntilNext(job.id, 1, edit, now)];
    return this.commit({ now, insert: [job], apply, note: notesOf(job.id, edit, now) }, edit.insert);
  }

  #newJob(name: string, now: Timestamp): Job {
    const options = { name, timeout: "30s", maxRetries: 1_000_000, maxLeaseLosses: 1_000_000 } as const;
    return { ...this.#context.newJob(SCHEDULES, undefined, options, now), id: scheduleId(name) };
  }
}

function notesOf(id: JobId, { definition, state }: ScheduleEdit, at: Timestamp): Note[] {
  const note = (key: string, value: object): Note => ({ id, kind: KIND, key, value: JSON.stringify(value), at });
  return definition ? [note(DEFINITION, definition), note(STATE, state)] : [note(STATE, state)];
}
