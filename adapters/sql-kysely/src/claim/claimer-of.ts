import type { JobWriter } from "../commit/job-writer.ts";
import type { Layout } from "../schema/layout.ts";
import type { Claimer } from "./claimer.ts";
import { LockingClaimer } from "./locking-claimer.ts";
import { UpdatingClaimer } from "./updating-claimer.ts";

/** Makes the claimer that a database allows. */
export function claimerOf(layout: Layout, writer: JobWriter): Claimer {
  return layout.dialect.returning ? new UpdatingClaimer(layout, writer) : new LockingClaimer(layout, writer);
}
