import type { JobState } from "@jobq/core";
import { createService } from "@jobq/service";
import { mixed, Random } from "../../../../conformance/src/simulator/random.ts";
import { directory } from "../databases.ts";
import { auditEntries, auditJobs } from "./audit-store.ts";
import { Auditor } from "./auditor.ts";
import { PAIRS, type PairName } from "./pairs.ts";
import type { Moment, Program } from "./program.ts";
import { consume, DEFAULTS, KEYS, type Payload, type Service, type Shop, TOPICS } from "./workers.ts";

const DRAIN_MS = 20_000;

/** What happens in a round. */
export interface RoundOptions {
  readonly pair: PairName;
  readonly kills: number;
  readonly seed: number;
}

/**
 * Kills a process so many times on one directory, starting it anew each time; then works what is left in this process
 * and answers what the auditor found.
 */
export async function playRound(program: Program, { pair, kills, seed }: RoundOptions): Promise<Auditor> {
  const random = new Random(seed);
  const auditor = new Auditor();
  const { path, remove } = await directory();
  try {
    for (let kill = 0; kill < kills && auditor.violations.length === 0; kill++) {
      const start = { pair, path, first: auditor.next, seed: mixed(seed, kill) };
      await program.runUntil(moment(random), start, auditor.read);
    }
    await inspect(auditor, pair, path);
    await drain(auditor, pair, path, random);
    await inspect(auditor, pair, path, 0);
    return auditor;
  } finally {
    await remove();
  }
}

/** While it opens the store, soon after, or in the midst of work. */
function moment(random: Random): Moment {
  const kind = random.weighted({ opening: 1, early: 2, working: 4 });
  if (kind === "opening") return { reports: 0, afterMs: random.between(0, 30) };
  const reports = kind === "early" ? random.between(1, 30) : random.between(30, 400);
  return { reports, afterMs: random.chance(0.5) ? 0 : random.between(1, 4) };
}

/** Looks at the store while nobody works it. */
async function inspect(auditor: Auditor, pair: PairName, path: string, expected?: number): Promise<void> {
  const { jobs, topics, close } = PAIRS[pair](path);
  const open = await auditJobs(auditor, jobs);
  if (expected !== undefined && open !== expected) auditor.violate(`${open} jobs are left that have not ended`);
  if (topics.capabilities.durable) await auditEntries(auditor, jobs, topics);
  await Promise.all([jobs.close(), topics.close()]);
  await close();
}

/** Works every job that is there, then finds that no unique key is held any more. */
async function drain(auditor: Auditor, pair: PairName, path: string, random: Random): Promise<void> {
  const { jobs, topics, close } = PAIRS[pair](path);
  const service: Service = createService<Record<string, Payload>>({ jobs, topics, defaults: DEFAULTS });
  service.on("error", ({ error, doing }) => auditor.violate(`${doing}: ${error}`));
  const shop = { service, random, tell: auditor.read, next: auditor.next };
  await workAll(shop);
  for (const unique of KEYS) {
    const numbers = [shop.next++];
    auditor.read({ op: "enqueue", numbers, unique });
    const request = { topic: TOPICS[0], payload: { number: numbers[0] as number }, options: { unique } };
    const [receipt] = await service.enqueueMany([request]);
    if (receipt) auditor.read({ op: "enqueue", numbers, unique, ids: [receipt.id], duplicate: receipt.duplicate });
    if (receipt?.duplicate) auditor.violate(`${receipt.id} holds the unique key ${unique} to the end`);
  }
  await workAll(shop);
  await service.close();
  await close();
}

/** Until all have ended, but not for ever: a job that never comes is found by whoever looks. */
async function workAll(shop: Shop): Promise<void> {
  const until = Date.now() + DRAIN_MS;
  const isOpen = ({ state }: { readonly state: JobState }): boolean => state !== "done" && state !== "canceled";
  while (Date.now() < until && (await shop.service.tally()).some(isOpen)) await consume(shop, 10_000, true);
}
