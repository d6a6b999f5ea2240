import type { ChangeType, JobId } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { refusalError } from "../store/refusal-error.ts";
import { ReservedJob } from "./reserved-job.ts";

/**
 * The handle of a reservation that is kept elsewhere, by the id of its job and its token: it settles as any other, but
 * nothing is waited for at the close.
 * @param doing what the handle is for, which the error names
 * @throws {JobqError} LEASE_LOST, PAYLOAD_INVALID, CLOSED
 */
export async function reservationElsewhere(
  engine: Engine,
  id: JobId,
  token: number,
  doing: ChangeType,
): Promise<ReservedJob> {
  const [job] = await (await engine.open()).jobs.get([id]);
  if (job?.state !== "reserved" || job.token !== token) throw refusalError({ code: "LEASE_LOST", id, job }, doing);
  const { clock, reservations, settings } = engine;
  return new ReservedJob(job, settings.codec.decode(job.payload), {
    now: () => clock.now(),
    sync: () => clock.sync(),
    random: settings.random,
    encodeResult: (result) => reservations.encodeResult(result),
    settle: (_held, copy, change, failure) =>
      engine.writes.settleCopy(copy, reservations.settlement(copy, change, clock.now(), failure)),
    commit: (change, line) => reservations.commit(change, line),
    commitWithin: (copy, change, transaction) => reservations.commitWithin(copy, change, transaction),
    left: () => {},
  });
}
