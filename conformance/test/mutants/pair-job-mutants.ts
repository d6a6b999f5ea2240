import type { JobRepository } from "@jobq/core";
import { guarded } from "../reference/guarded.ts";
import type { JobData } from "../reference/reference-jobs.ts";
import { ReferencePair } from "../reference/reference-pair.ts";
import type { TopicData } from "../reference/reference-topics.ts";
import { jobChangeMutants } from "./job-change-mutants.ts";
import { jobCommitMutants } from "./job-commit-mutants.ts";
import { jobDamageMutants } from "./job-damage-mutants.ts";
import { jobDataMutants } from "./job-data-mutants.ts";
import { jobEndMutants } from "./job-end-mutants.ts";
import { jobGroupMutants } from "./job-group-mutants.ts";
import { jobKeepMutants } from "./job-keep-mutants.ts";
import { jobLimitMutants } from "./job-limit-mutants.ts";
import { jobLinkMutants } from "./job-link-mutants.ts";
import { jobNoteMutants } from "./job-note-mutants.ts";
import { jobReadMutants } from "./job-read-mutants.ts";
import { jobSlotMutants } from "./job-slot-mutants.ts";
import type { JobMutant, PairMutant } from "./mutant.ts";

/** The faults of a job repository that only the cases which run through a pair notice there. */
const NAMES: readonly (readonly [Readonly<Record<string, JobMutant>>, readonly string[]])[] = [
  [
    jobChangeMutants,
    [
      "loses a field of what is inserted",
      "overwrites a job that is inserted again",
      "revives a job that has ended when it is inserted again",
      "takes a removed id never again",
      "asks no token",
    ],
  ],
  [
    jobCommitMutants,
    [
      "answers in reverse order",
      "stores half a unit",
      "skips the units after a refused one",
      "removes before it changes",
      "lets every unit see the store before the batch",
      "stores what a refused unit would have inserted",
      "calls everything that it was told to remove removed",
    ],
  ],
  [jobDataMutants, ["keeps what was passed in", "hands its own notes out"]],
  [jobEndMutants, ["looks for the job of a note before it waits, and not again"]],
  [
    jobKeepMutants,
    [
      "never frees the unique key of a done job",
      "never frees the unique key of an exhausted job",
      "checks no unique key",
      "checks the unique key before the id",
    ],
  ],
  [
    jobLimitMutants,
    [
      "keeps the progress that was passed in",
      "keeps 254 characters of a holder",
      "extends leases until 2038",
      "counts token to 65,535",
      "loses a progress of 0",
      "trims a holder",
      "sorts notes by their instant",
    ],
  ],
  [jobReadMutants, ["loses results"]],
  [
    jobDamageMutants,
    [
      "leaves the notes of what cannot be read to the job in its place",
      "takes the job in the place of what it removed along",
    ],
  ],
  [jobNoteMutants, ["keeps logs of removed jobs", "trims the kind that it is asked for"]],
  [jobGroupMutants, ["lets the heaviest go first", "counts live members", "ends members a moment after it says so"]],
  [
    jobSlotMutants,
    [
      "never frees the slot of a done job",
      "lets go of a slot at every retry",
      "admits by a look before it waits",
      "links by a look before it waits",
    ],
  ],
  [jobLinkMutants, ["checks no token"]],
];

const withJobs = (Jobs: JobMutant): PairMutant =>
  class extends ReferencePair {
    override readonly jobs: JobRepository;
    constructor(jobs?: JobData, topics?: TopicData) {
      super(jobs, topics);
      this.jobs = guarded(new Jobs(jobs));
    }
  };

/** Faults of a pair whose job repository has one. */
export const pairJobMutants: Readonly<Record<string, PairMutant>> = Object.fromEntries(
  NAMES.flatMap(([mutants, names]) => names.map((name) => [`jobs: ${name}`, withJobs(mutants[name] as JobMutant)])),
);
