import type { JobHead, JobId, Timestamp } from "@jobq/core";
import {
  bundleNameOf,
  type ModuleContext,
  type ModuleEvent,
  type StoredChange,
  type StoredChangeType,
} from "../module.ts";
import { isSealed } from "./bundle-job.ts";

/** Something that happened to a bundle: through this service, or the end of one in another process. */
export interface BundleEvent extends ModuleEvent {
  /** It was stored; it was sealed; all its members have ended; it was canceled before they had. */
  readonly type: "bundle:opened" | "bundle:sealed" | "bundle:ended" | "bundle:canceled";
  readonly id: JobId;
  readonly name: string;
}

const TOLD_OF: readonly StoredChangeType[] = ["insert", "unblock", "wake", "cancel"];
const ENDS = ["bundle:ended", "bundle:canceled"] as const;
/** So many ends are remembered, each told once: its job may end long after the last member. */
const MAX_TOLD = 10_000;

/** Tells the listeners of the service what happens to bundles. */
export function tellBundleEvents({
  emit,
  onEndElsewhere,
  onStored,
}: Pick<ModuleContext, "emit" | "onEndElsewhere" | "onStored">): void {
  const told = new Set<string>();
  const tell = (job: JobHead, type: BundleEvent["type"], at: Timestamp): void => {
    if (type === "bundle:ended" || type === "bundle:canceled") remember(told, endOf(job));
    emit({ type, at, id: job.id, name: bundleNameOf(job) } as BundleEvent);
  };
  onStored(
    (changes) => {
      for (const { job, what, at } of changes) for (const type of eventsOf({ job, what, at })) tell(job, type, at);
    },
    (job, what) => TOLD_OF.includes(what) && bundleNameOf(job) !== undefined,
  );
  onEndElsewhere((job) => {
    if (bundleNameOf(job) !== undefined && !told.has(endOf(job))) tell(job, foundEnd(job), job.at);
  }, ENDS);
}

/** What tells an end from those before a reset. */
function endOf({ id, resetCount }: JobHead): string {
  return `${id} ${resetCount}`;
}

function remember(told: Set<string>, end: string): void {
  told.add(end);
  const [oldest] = told;
  if (told.size > MAX_TOLD) told.delete(oldest as string);
}

/** How the bundle ended whose own job has: what that job failed of came after all members had ended. */
function foundEnd({ reason }: JobHead): BundleEvent["type"] {
  return reason === "canceled" || reason === "dependency" ? "bundle:canceled" : "bundle:ended";
}

function eventsOf({ job, what }: StoredChange): BundleEvent["type"][] {
  if (what === "insert") return isSealed(job) ? ["bundle:opened", "bundle:sealed"] : ["bundle:opened"];
  if (what === "unblock") return isWaiting(job) && isSealed(job) ? ["bundle:sealed"] : [];
  if (what === "wake") return isWaiting(job) || job.state === "reserved" ? [] : ["bundle:ended"];
  return ["bundle:canceled"];
}

function isWaiting({ state, awaits }: JobHead): boolean {
  return state === "delayed" && awaits !== undefined;
}
