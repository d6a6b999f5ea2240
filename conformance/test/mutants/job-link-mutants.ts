import {
  type Change,
  type ChangeType,
  isFinal,
  isRefusal,
  type Job,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { LINK_PROBES } from "../../src/job/model/link-trial.ts";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const _tick = (): Promise<void> => Promise.resolve();

/** Jobs stored as the mutant says. */
const storing = (change: (job: Job, before: Job | undefined) => Job): JobMutant =>
  class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      if (after) super.write({ before, after: change(after, before) });
      else if (before) super.write({ before, after });
    }
  };

const losing = (name: keyof Job): JobMutant => storing((job) => ({ ...job, [name]: undefined }));

const changing = (map: (change: Change, job: Job | undefined) => Change): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const apply = unit.apply?.map((change) => map(change, this.data.jobs.get(change.id)));
      return super.store(apply ? { ...unit, apply } : unit);
    }
  };

const forgets = (type: ChangeType): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const { outcome } = this.work(unit);
      if (!isRefusal(outcome) && unit.apply?.some((change) => change.type === type)) return this.answer(outcome);
      return super.store(unit);
    }
  };

/** Units in which a change of that type is passed over, told as if it had been made. */
const refusing = (type: ChangeType): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const change = unit.apply?.find((one) => one.type === type);
      const job = change && this.data.jobs.get(change.id);
      return job ? { ok: false, code: "INVALID_STATE", id: job.id, job } : super.store(unit);
    }
  };

const NEW_FIELDS = [
  "expiresAt",
  "uniqueSpan",
  "parent",
  "group",
  "limit",
  "data",
  "awaits",
  "woken",
  "slot",
  "links",
] as const;

/** Faults with limits, slots, links, wakes and spans of keys. */
export const jobLinkMutants: Readonly<Record<string, JobMutant>> = {
  ...Object.fromEntries(NEW_FIELDS.map((name) => [`loses ${name}`, losing(name)])),
  ...Object.fromEntries(
    NEW_FIELDS.map((name) => [
      `loses ${name} with the first change`,
      storing((job, before) => (before ? { ...job, [name]: undefined } : job)),
    ]),
  ),
  "loses an empty awaits": storing((job) => ({ ...job, awaits: job.awaits || undefined })),
  "loses empty data": storing((job) => ({ ...job, data: job.data || undefined })),
  "loses the slot 0": storing((job) => ({ ...job, slot: job.slot || undefined })),
  "keeps 4,096 characters of data": storing((job) => ({ ...job, data: job.data?.slice(0, 4_096) })),
  "keeps 16,383 characters of data": storing((job) => ({ ...job, data: job.data?.slice(0, 16_383) })),
  "keeps 32 KiB of data": storing((job) => ({
    ...job,
    data: job.data && new TextDecoder().decode(new TextEncoder().encode(job.data).slice(0, 32_768)),
  })),
  "keeps 254 characters of a group": storing((job) => ({ ...job, group: job.group?.slice(0, 254) })),
  "keeps 254 characters of a limit's key": storing((job) => ({
    ...job,
    limit: job.limit && { ...job.limit, key: job.limit.key.slice(0, 254) },
  })),
  "keeps limits to a concurrency of 32,767": storing((job) => ({
    ...job,
    limit: job.limit && { ...job.limit, concurrency: Math.min(job.limit.concurrency, 32_767) },
  })),
  "counts links in 16 bits": storing((job) => ({ ...job, links: job.links && Math.min(job.links, 65_535) })),
  "keeps the limit that was passed in": class extends ReferenceJobs {
    override write(write: Write<Job>): void {
      super.write(write);
      const own = write.after && this.data.jobs.get(write.after.id);
      if (own && !write.before) this.data.jobs.set(own.id, { ...own, limit: write.after?.limit });
    }
  },
  ...Object.fromEntries(
    (Object.keys(LINK_PROBES) as ChangeType[]).flatMap((type) => [
      [`forgets to store what ${type} does`, forgets(type)],
      [`refuses every ${type}`, refusing(type)],
    ]),
  ),
  "links jobs that have ended": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      const link = unit.apply?.find(({ type }) => type === "link");
      const job = link && this.data.jobs.get(link.id);
      if (outcome.ok || !job || !isFinal(job.state) || unit.apply?.length !== 1) return outcome;
      this.data.jobs.set(job.id, { ...job, links: (job.links ?? 0) + 1 });
      return {
        ok: true,
        inserted: [],
        leftOut: [],
        changed: [this.headOf(this.data.jobs.get(job.id) as Job)],
        removed: [],
      };
    }
  },
  "keeps a link of a unit that was refused": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      const link = unit.apply?.find(({ type }) => type === "link");
      if (!outcome.ok && link && (unit.apply?.length ?? 0) > 1) super.store({ now: unit.now, apply: [link] });
      return outcome;
    }
  },
  "resolves whatever number is told": changing((change, job) =>
    change.type === "resolve" && job?.links !== undefined ? { ...change, told: job.links } : change,
  ),
  "resolves when enough are told": changing((change, job) =>
    change.type === "resolve" && job?.links !== undefined && change.told > job.links
      ? { ...change, told: job.links }
      : change,
  ),
  "counts a link once": storing((job) => ({ ...job, links: job.links && 1 })),
  "drops links when a job ends": storing((job) => (isFinal(job.state) ? { ...job, links: undefined } : job)),
  "drops links at reset": storing((job, before) =>
    before && job.resetCount > before.resetCount ? { ...job, links: undefined } : job,
  ),
  "remembers no wake": storing((job) => ({ ...job, woken: undefined })),
  "remembers a wake for ever": storing((job, before) => ({ ...job, woken: before?.woken ?? job.woken })),
  "waits for what woke it": changing((change) => (change.type === "wake" ? { type: "check", id: change.id } : change)),
  "unblocks one whoever it is told of": changing((change) =>
    change.type === "unblock"
      ? { type: "unblock", id: change.id, by: change.by, ...(change.fails && { fails: true }) }
      : change,
  ),
  "does not say which job failed": storing((job) => (job.reason === "dependency" ? { ...job, error: undefined } : job)),
  "unblocks without failing": changing((change) =>
    change.type === "unblock"
      ? { type: "unblock", id: change.id, by: change.by, ...(change.all && { all: true }) }
      : change,
  ),
  "checks only that the job is live": changing((change) =>
    change.type === "check" ? { type: "check", id: change.id } : change,
  ),
  "checks no token": changing((change) =>
    change.type === "check" ? { type: "check", id: change.id, blockedBy: change.blockedBy } : change,
  ),
  "frees a key for the moment only": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const free = unit.apply?.find(({ type }) => type === "freeKey");
      const before = free && this.data.jobs.get(free.id);
      const outcome = super.store(unit);
      const after = free && this.data.jobs.get(free.id);
      if (outcome.ok && before && after)
        this.data.jobs.set(after.id, { ...after, unique: before.unique, uniqueSpan: before.uniqueSpan });
      return outcome;
    }
  },
  "hands out jobs whose time to live has passed": changing((change, job) => {
    if (job?.expiresAt !== undefined && (change.type === "reserve" || change.type === "promote")) {
      Object.assign(job, { expiresAt: undefined });
    }
    return change;
  }),
  "expires a millisecond late": changing((change, job) => {
    if (job?.expiresAt !== undefined && change.type === "reserve") Object.assign(job, { expiresAt: job.expiresAt + 1 });
    return change;
  }),
};
