import type { JobRepository, QueueStore, TopicRepository } from "@jobq/core";
import type { JobData } from "../reference/reference-jobs.ts";
import type { TopicData } from "../reference/reference-topics.ts";

/** A job repository with one fault. */
export type JobMutant = new (data?: JobData) => JobRepository;

/** A topic repository with one fault. */
export type TopicMutant = new (data?: TopicData) => TopicRepository;

/** A pair with one fault. */
export type PairMutant = new (jobs?: JobData, topics?: TopicData) => QueueStore;
