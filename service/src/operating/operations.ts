import { checkJobId, type JobId, type Tally, type TopicInfo } from "@jobq/core";
import { engineOf } from "../engines.ts";
import type { PurgeOptions } from "../input/job-query.ts";
import type { TopicMap, TopicName } from "../service-options.ts";
import type { Explanation } from "./explanation.ts";
import type { LimitsOptions, LimitUsage } from "./limit-usage.ts";
import type { CancelManyOptions, CancelManyQuery, ManyOptions, ResetManyQuery } from "./many-options.ts";

/** What operators ask of a job queue, and do to it as a whole. */
export abstract class Operations<Topics extends TopicMap> {
  /**
   * Says why a job is not running, in words and as data; undefined when there is no such job. Of workers it knows those
   * of this process.
   */
  async explain(id: JobId): Promise<Explanation | undefined> {
    checkJobId(id);
    const engine = engineOf(this);
    await engine.sync();
    return (await import("./index.ts")).explain(engine, id);
  }

  /** The limits that are in use, by key: who holds their slots, and who waits for one, in order; up to 10,000 of each. */
  async limits(options: LimitsOptions = {}): Promise<LimitUsage[]> {
    return (await import("./index.ts")).limitUsages(engineOf(this), options);
  }

  /**
   * Makes the ended jobs that match ready again, with all their attempts; resolves with how many there were. With
   * `dryRun` it only counts them.
   */
  async resetMany(query: ResetManyQuery, options: ManyOptions = {}): Promise<number> {
    return (await import("./index.ts")).resetMany(engineOf(this), query, options);
  }

  /** Ends the jobs that match and have not ended; resolves with how many there were. With `dryRun` it only counts them. */
  async cancelMany(query: CancelManyQuery, options: CancelManyOptions = {}): Promise<number> {
    return (await import("./index.ts")).cancelMany(engineOf(this), query, options);
  }

  /** Forgets jobs that have ended, in batches; resolves with how many. With `dryRun` it only counts them. */
  async purge(options: PurgeOptions): Promise<number> {
    return (await import("./index.ts")).purgeJobs(engineOf(this), options);
  }

  /** Every topic that holds jobs to run, or is paused. */
  async topics(): Promise<TopicInfo[]> {
    return (await engineOf(this).open()).topics.topics();
  }

  /** How many jobs there are, per topic and state. */
  async tally(): Promise<Tally[]> {
    return (await engineOf(this).open()).jobs.tally();
  }

  /** Holds a topic's jobs back; those that are reserved go on. */
  async pause(topic: TopicName<Topics>): Promise<void> {
    await setPaused(this, topic, true);
  }

  /** Lets a paused topic go on. */
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
