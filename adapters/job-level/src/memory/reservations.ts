import { ChurnMap, type Damage, type JobHead, type JobId, type Timestamp } from "@jobq/core";
import { jsonRecord, type Level, type LevelBatch, pagesOf, readJson, UTF8, unreadable } from "@jobq/level";
import { ALL_LEASES, batchOfLeases, headKey, leasesKey } from "../layout/keys.ts";
import { batchOf, readHead } from "../record/head-record.ts";
import { keepHead } from "../record/keep-head.ts";
import { isStatus, type StatusFields, statusFields } from "../record/status-fields.ts";
import type { HeadChange } from "./head-change.ts";

/** A job that is reserved. */
interface Reservation {
  readonly head: JobHead;
  /** The batch whose record holds its status. */
  readonly batch: number;
}

type Lease = readonly [id: JobId, status: StatusFields];

/** What a commit that is not made yet does to the reservations. */
export interface ReservationsAfter {
  readonly batch: number;
  readonly reserved: readonly JobHead[];
  readonly ended: readonly JobId[];
  /** The batches none of whose reservations is left. */
  readonly over: readonly number[];
}

const PAGE = 200;

/**
 * The jobs that are reserved, all of them in memory. Their status is not in their heads: the reservations of one batch
 * are one record, so that to reserve a hundred jobs is one small write, and to extend a hundred leases another. The
 * record goes when the last of its reservations has ended or moved to a later batch. Of a job's head and its
 * reservations the one of the latest batch holds.
 */
export class Reservations {
  readonly #reservations = new ChurnMap<JobId, Reservation>();
  /** batch -> how many reservations it still holds */
  readonly #left = new Map<number, number>();
  #heads: ReadonlyMap<JobId, JobHead> | undefined;
  #nextEnd: { readonly at: Timestamp | undefined } | undefined;

  private constructor(reservations: Map<JobId, Reservation>) {
    for (const [id, reservation] of reservations) {
      const { batch } = reservation;
      this.#reservations.set(id, reservation);
      this.#left.set(batch, (this.#left.get(batch) ?? 0) + 1);
    }
  }

  static async load(level: Level, damage: Damage): Promise<Reservations> {
    const reservations = new Map<JobId, Reservation>();
    for await (const page of pagesOf(level.iterator({ ...ALL_LEASES, ...UTF8 }), PAGE)) {
      for (const [key, record] of page) await addLeases(reservations, { level, damage }, key, record);
    }
    return new Reservations(reservations);
  }

  /** The head of a job that is reserved; not to be handed out. */
  get(id: JobId): JobHead | undefined {
    return this.#reservations.get(id)?.head;
  }

  /** The heads of all reserved jobs as they are now, also when they change later; not to be handed out. */
  heads(): ReadonlyMap<JobId, JobHead> {
    if (!this.#heads) {
      const heads = new Map<JobId, JobHead>();
      for (const [id, { head }] of this.#reservations) heads.set(id, head);
      this.#heads = heads;
    }
    return this.#heads;
  }

  nextEndAt(): Timestamp | undefined {
    this.#nextEnd ??= { at: this.#earliestEnd() };
    return this.#nextEnd.at;
  }

  /** The reservations when the changes are made, in that batch. */
  after(changes: readonly HeadChange[], batch: number): ReservationsAfter {
    const reserved: JobHead[] = [];
    const ended: JobId[] = [];
    const left = new Map<number, number>();
    for (const { id, after } of changes) {
      const last = this.#reservations.get(id);
      if (last) left.set(last.batch, (left.get(last.batch) ?? (this.#left.get(last.batch) as number)) - 1);
      if (after?.state === "reserved") reserved.push(after);
      else if (last) ended.push(id);
    }
    const over = [...left].flatMap(([number, count]) => (count === 0 ? number : []));
    return { batch, reserved, ended, over };
  }

  /** What {@link after} foresaw has been written. */
  adopt({ batch, reserved, ended, over }: ReservationsAfter): void {
    for (const id of ended) this.#leave(id);
    for (const head of reserved) {
      this.#leave(head.id);
      this.#reservations.set(head.id, { head: keepHead(head), batch });
    }
    if (reserved.length > 0) this.#left.set(batch, reserved.length);
    for (const number of over) this.#left.delete(number);
    this.#nextEnd = undefined;
    this.#heads = undefined;
  }

  #leave(id: JobId): void {
    const last = this.#reservations.get(id);
    if (!last) return;
    this.#left.set(last.batch, (this.#left.get(last.batch) as number) - 1);
    this.#reservations.delete(id);
  }

  #earliestEnd(): Timestamp | undefined {
    let earliest: Timestamp | undefined;
    for (const [, { head }] of this.#reservations) {
      const { leaseUntil } = head;
      if (leaseUntil !== undefined && (earliest === undefined || leaseUntil < earliest)) earliest = leaseUntil;
    }
    return earliest;
  }
}

/** Adds the records of the reservations to a batch. */
export function writeReservations(batch: LevelBatch, { batch: number, reserved, over }: ReservationsAfter): void {
  for (const old of over) batch.del(leasesKey(old));
  if (reserved.length === 0) return;
  const leases: Lease[] = reserved.map((head) => [head.id, statusFields(head)]);
  batch.put(leasesKey(number), jsonRecord(leases));
}

/** Adds those reservations of a record that still hold; later records come later. */
async function addLeases(
  reservations: Map<JobId, Reservation>,
  { level, damage }: { readonly level: Level; readonly damage: Damage },
  key: string,
  record: string,
): Promise<void> {
  const leases = damage.absentIfDamaged(() => readLeases(key, record)) ?? [];
  const batch = batchOfLeases(key);
  const keys = leases.map(([id]) => headKey("live", id));
  const heads = await level.getMany(keys, UTF8);
  leases.forEach(([id, status], i) => {
    const [headsKey, head] = [keys[i] as string, heads[i]];
    if (head === undefined) return;
    damage.absentIfDamaged(() => {
      if (batchOf(headsKey, head) > batch) return;
      reservations.set(id, { head: readHead(headsKey, id, head, status), batch });
    });
  });
}

function readLeases(key: string, record: string): Lease[] {
  const leases = readJson<Lease[]>(key, record);
  if (!Array.isArray(leases) || !leases.every((lease) => isStatus(lease?.[1]))) throw unreadable(key, record);
  return leases;
}
