import type { JobHead, JobId } from "@jobq/core";
import {
  bundleNameOf,
  type ModuleContext,
  type ModuleEvent,
  type StoredChange,
  type StoredChangeType,
} from "../module.ts";
import { isSealed } from "./bundle-job.ts";

/** Something that happened to a bundle through this service. */
export interface BundleEvent extends ModuleEvent {
  /** It was stored; it was sealed; all its members have ended; it was canceled before they had. */
  readonly type: "bundle:opened" | "bundle:sealed" | "bundle:ended" | "bundle:canceled";
  readonly id: JobId;
  readonly name: string;
}

const TOLD_OF: readonly StoredChangeType[] = ["insert", "unblock", "wake", "cancel"];

/** Tells the listeners of the service what happens to bundles. */
export function tellBundleEvents({ emit, onStored }: Pick<ModuleContext, "emit" | "onStored">): void {
  onStored(
    (changes) => {
      for (const { job, what, at } of changes) {
        for (const type of eventsOf({ job, what, at })) {
          emit({ type, at, id: job.id, name: bundleNameOf(job) } as BundleEvent);
        }
      }
    },
    (job, what) => TOLD_OF.includes(what) && bundleNameOf(job) !== undefined,
  );
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
