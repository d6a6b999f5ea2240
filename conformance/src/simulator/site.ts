import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import { checkCount, checkMember, checkStore } from "../check-harness.ts";
import type { Stores } from "./gated-stores.ts";

/** The stores of one simulated world. */
export interface Site {
  /** Returns what a newly started process opens: handles on what survives other processes, and anew what does not. */
  connect(): Stores | Promise<Stores>;
  /** How many processes there may be at a time; 1. */
  readonly processes?: number;
  /** Cleans up once the history is over. */
  dispose?(): Promise<void>;
}

const SITE: OptionNames<Site> = { connect: true, processes: true, dispose: true };

/** Opens a site. @throws {TypeError | RangeError} a member that is missing, of the wrong type, or does not exist */
export async function openSite(open: () => Site | Promise<Site>): Promise<Site> {
  const site = await open();
  const whose = "what open() resolves with";
  if (site === undefined) throw wrongType(whose, "an object", site);
  checkOptions(site, SITE, whose);
  checkMember(site.connect, "function", `connect of ${whose}`);
  if (site.processes !== undefined) checkCount(site.processes, `processes of ${whose}`);
  if (site.dispose !== undefined) checkMember(site.dispose, "function", `dispose of ${whose}`);
  return site;
}

/** Opens the stores for one process. @throws {TypeError} not a job repository and a topic repository */
export async function connectTo(site: Site): Promise<Stores> {
  const stores = await site.connect();
  const whose = "what connect() resolves with";
  if (stores === undefined) throw wrongType(whose, "{ jobs, topics }", stores);
  checkStore(`jobs of ${whose}`, "jobs", stores.jobs);
  checkStore(`topics of ${whose}`, "topics", stores.topics);
  return stores;
}
