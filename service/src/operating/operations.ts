import { checkJobId, type JobId, type Tally, type TopicInfo } from "@jobq/core";
import { engineOf } from "../engines.ts";
import type { PurgeOptions } from "../input/job-query.ts";
import type { TopicMap, TopicName } from "../service-options.ts";
import type { Explanation } from "./explanation.ts";
import type { LimitsOptions, LimitUsage } from "./limit-usage.ts";
import type { CancelManyOptions, CancelManyQuery, ManyOptions, ResetManyQuery } from "./many-options.ts";

/** The methods of a service for operating a queue. */
export abstract class Operations<Topics extends TopicMap> {
  /**
   * Explains why a job is not running, in words and as data; undefined if there is no such job. It knows only the
   * workers of this process.
   */
  async explain(id: JobId): Promise<Explanation | undefined> {
    checkJobId(id);
    const engine = engineOf(this);
    await engine.sync();
    return (await import("./index.ts")).explain(engine, id);
  }

  /** Returns the limits in use: the jobs that hold their slots, and those that wait, in order; up to 10,000 of each. */
  async limits(options: LimitsOptions = {}): Promise<LimitUsage[]> {
    return (await import("./index.ts")).limitUsages(engineOf(this), options);
  }

  /**
   * Makes the ended jobs that match ready again, with all their retries left. Resolves with their number. With `dryRun` it
   * only counts them. What modules keep of their own, such as schedules, and copies of jobs on dead-letter topics match
   * only a query that names their topic.
   */
  async resetMany(query: ResetManyQuery, options: ManyOptions = {}): Promise<number> {
    return (await import("./index.ts")).resetMany(engineOf(this), query, options);
  }

  /**
   * Cancels the live jobs that match. Resolves with their number. With `dryRun` it only counts them. What modules keep
   * of their own, such as schedules, matches only a query that names its topic.
   */
  async cancelMany(query: CancelManyQuery, options: CancelManyOptions = {}): Promise<number> {
    return (await import("./index.ts")).cancelMany(engineOf(this), query, options);
  }

  /**
   * Deletes ended jobs, in batches of 1,000. Resolves with their number. With `dryRun`, in either argument, it only
   * counts them. It leaves members of a bundle, and children of a run, that has not ended; and, unless `topic` names it,
   * what modules keep of their own, such as schedules.
   */
  async purge(query: PurgeOptions, options: ManyOptions = {}): Promise<number> {
    return (await import("./index.ts")).purgeJobs(engineOf(this), query, options);
  }

  /** Returns every topic that has ready or delayed entries, or is paused. */
  async topics(): Promise<TopicInfo[]> {
    return (await engineOf(this).open()).topics.topics();
  }

  /** Returns the number of jobs per topic and state. */
  async tally(): Promise<Tally[]> {
    return (await engineOf(this).open()).jobs.tally();
  }

  /** Pauses a topic, which need not exist yet: its jobs are not handed out. Reserved jobs continue. */
  async pause(topic: TopicName<Topics>): Promise<void> {
    await setPaused(this, topic, true);
  }

  /** Resumes a paused topic. */
  async resume(topic: TopicName<Topics>): Promise<void> {
    await setPaused(this, topic, false);
    engineOf(this).dispatcher.wake(topic);
  }
}

async function setPaused(service: object, topic: string, isPaused: boolean): Promise<void> {
  const engine = engineOf(service);
  engine.settings.topicNames.check(topic);
  await (await engine.open()).topics.pause(topic, isPaused);
}
