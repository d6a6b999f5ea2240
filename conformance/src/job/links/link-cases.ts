import { type Change, isFinal, type JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put, refuse } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";

const id = testId;
const ROUNDS = 12;

const reserve = (number: number): Change => ({ type: "reserve", id: id(number), by: "holder" });
const cancel = (number: number): Change => ({ type: "cancel", id: id(number), reason: "canceled" });
const link = (number: number): Change => ({ type: "link", id: id(number) });
const resolve = (number: number, told: number): Change => ({ type: "resolve", id: id(number), told });
const note = (number: number) => ({ id: id(number), kind: "link", key: "k", value: "v", at: TEST_NOW }) as const;

const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map((job) => job.id);

type Handles = readonly [JobRepository, JobRepository];

/** Who links and who ends, at once: a link that was stored is among those that the end owes, one that was not is refused. */
async function linksAndEnds([jobs, other]: Handles): Promise<void> {
  const numbers = Array.from({ length: ROUNDS }, (_, index) => index + 1);
  await insert(jobs, ...numbers.map((number) => testJob(number)));
  for (const number of numbers) {
    const linking = () => commitAll(jobs, [{ apply: [link(number)], note: [note(number)] }]);
    const ending = () => commitAll(other, [{ apply: [cancel(number)] }]);
    const work = number % 2 ? [linking(), linking(), ending(), linking()] : [ending(), linking(), linking(), linking()];
    const outcomes = (await Promise.all(work)).flat();
    const links = outcomes.filter((outcome) => outcome.ok && !isFinal(outcome.changed[0]?.state ?? "done")).length;
    const [job] = await jobs.get([id(number)]);
    equal([job?.state, job?.links ?? 0], ["canceled", links], `the job of round ${number}`);
    equal((await other.notes(id(number), "link")).length, links ? 1 : 0, `notes of round ${number}`);
    if (links) equal((await change(jobs, resolve(number, links))).links, undefined, "once all are told");
  }
}

/** Who suspends and who wakes, at once: in either order, the job does not wait. */
async function wakesAndSuspensions([jobs, other]: Handles): Promise<void> {
  const numbers = Array.from({ length: ROUNDS }, (_, index) => index + 1);
  await insert(jobs, ...numbers.map((number) => testJob(number)));
  await put(jobs, { apply: numbers.map(reserve) });
  for (const number of numbers) {
    const suspending = () => put(jobs, { apply: [{ type: "suspend", id: id(number), token: 1, awaits: "group" }] });
    const waking = () => put(other, { apply: [{ type: "wake", id: id(number) }] });
    await Promise.all(number % 2 ? [suspending(), waking()] : [waking(), suspending()]);
    const [job] = await other.get([id(number)]);
    equal([job?.state, job?.awaits], ["ready", undefined], `the job of round ${number}`);
  }
}

/** Who reserves a job and who ends it only if nobody has, at once: one of them is stored. */
async function reservationsAndEnds([jobs, other]: Handles): Promise<void> {
  const numbers = Array.from({ length: ROUNDS }, (_, index) => index + 1);
  await insert(jobs, ...numbers.map((number) => testJob(number)));
  for (const number of numbers) {
    const reserving = () => commitAll(jobs, [{ apply: [reserve(number)] }]);
    const ending = () =>
      commitAll(other, [{ apply: [{ type: "check", id: id(number), lastToken: 0 }, cancel(number)] }]);
    const outcomes = (await Promise.all(number % 2 ? [reserving(), ending()] : [ending(), reserving()])).flat();
    const stored = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.changed.at(-1)?.state] : []));
    const [job] = await jobs.get([id(number)]);
    equal(stored, [job?.token === 0 ? "canceled" : "reserved"], `what was stored in round ${number}`);
    equal(job?.state, stored[0], `the job of round ${number}`);
  }
}

/** Links, wakes and blockers: what waits for what. */
export const linkCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-190",
    title: "links are counted while a job lives, refused once it has ended, and resolved by the number that was told",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      await put(jobs, { apply: [link(1), link(1)] });
      equal((await change(jobs, link(1))).links, 3, "three links");
      equal((await refuse(jobs, { apply: [resolve(1, 3)] })).code, "INVALID_STATE", "while it lives");
      await put(jobs, { apply: [reserve(1), { type: "done", id: id(1), token: 1 }] });
      equal((await refuse(jobs, { apply: [link(1)] })).job?.links, 3, "a link to a job that has ended");
      for (const told of [0, 2, 4])
        equal((await refuse(jobs, { apply: [resolve(1, told)] })).code, "INVALID_STATE", `${told} told`);
      equal((await change(jobs, resolve(1, 3))).links, undefined, "all told");
      equal((await refuse(jobs, { apply: [resolve(1, 3)] })).code, "INVALID_STATE", "told twice");
      await put(jobs, { apply: [{ type: "reset", id: id(1) }, link(1), cancel(1)] });
      equal((await jobs.get([id(1)]))[0]?.links, 1, "linked anew after a reset");
    },
  },
  {
    id: "J-260",
    title: "a unit that is refused leaves no link, wake or wait behind on a job that had none",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      await put(jobs, { apply: [reserve(2)] });
      const before = (await jobs.get([id(1), id(2)])).map((job) => job && headOf(job));
      const wake: Change = { type: "wake", id: id(2) };
      const suspend: Change = { type: "suspend", id: id(2), token: 1, awaits: "group" };
      for (const apply of [[link(1)], [link(1), wake], [wake, suspend], [suspend]])
        equal((await refuse(jobs, { apply: [...apply, link(9)] })).code, "JOB_NOT_FOUND", "a unit with an unknown job");
      equal(
        (await jobs.get([id(1), id(2)])).map((job) => job && headOf(job)),
        before,
        "the jobs afterwards",
      );
      equal((await change(jobs, cancel(1))).links, undefined, "and once one has ended");
    },
  },
  {
    id: "J-191",
    title: "find tells which jobs owe: those that have ended and have links, by id, in pages",
    async run({ store: jobs }) {
      const owing = async (query: object = {}) => idsOf(await jobs.find({ owes: true, limit: 9, ...query }));
      await insert(jobs, ...testJobs(9));
      await put(jobs, { apply: [1, 2, 3, 4, 5, 6].map(link) });
      equal(await owing(), [], "while they live");
      await put(jobs, { apply: [5, 3, 1, 8].map(cancel) });
      await put(jobs, { apply: [reserve(4), { type: "done", id: id(4), token: 1, result: "r" }] });
      equal(await owing(), [1, 3, 4, 5].map(id), "once they have ended");
      equal(
        [await owing({ limit: 2 }), await owing({ limit: 2, after: id(3) })],
        [[1, 3].map(id), [4, 5].map(id)],
        "pages",
      );
      equal(await owing({ order: "newest", before: id(4) }), [3, 1].map(id), "newest first");
      equal([await owing({ state: "done" }), await owing({ name: "none" })], [[id(4)], []], "with more conditions");
      await put(jobs, { apply: [resolve(3, 1), { type: "reset", id: id(1) }], remove: [id(5)] });
      equal(await owing(), [id(4)], "after they were told, reset and removed");
      await change(jobs, cancel(1));
      equal(await owing(), [1, 4].map(id), "ended again");
    },
  },
  {
    id: "J-192",
    title: "a purge passes over ended jobs that others wait to be told of",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(4));
      await put(jobs, { apply: [link(1), link(2), cancel(1), cancel(2), cancel(3)], note: [note(1)] });
      equal((await put(jobs, { purge: [1, 2, 3, 4].map(id) })).removed, [id(3)], "purged");
      equal((await jobs.notes(id(1))).length, 1, "notes of a job that owes");
      const { removed } = await put(jobs, { apply: [resolve(1, 1)], purge: [1, 2].map(id) });
      equal(removed, [id(1)], "purged by the unit that tells");
      equal((await put(jobs, { remove: [id(2)] })).removed, [id(2)], "a removal minds no links");
      equal(idsOf(await jobs.find({ limit: 9 })), [id(4)], "what is left");
    },
  },
  {
    id: "J-196",
    title: "an unblock that fails cancels who waits for nothing else, and one for all spares the rest",
    async run({ store: jobs }) {
      const blockers = [id(91), id(92)];
      await insert(
        jobs,
        ...[1, 2, 3].map((number) => testJob(number, { state: "delayed", blockers, unique: `key ${number}` })),
        testJob(4),
      );
      const unblock = (number: number, by: number, how: object = {}): Change => ({
        type: "unblock",
        id: id(number),
        by: id(by),
        ...how,
      });
      await put(jobs, {
        apply: [
          unblock(1, 91, { fails: true }),
          unblock(2, 91, { all: true }),
          unblock(3, 91, { all: true, fails: true }),
          unblock(4, 91, { fails: true }),
        ],
      });
      const facts = (await jobs.get([1, 2, 3, 4].map(id))).map(
        (job) => `${job?.state} ${job?.reason ?? "-"} ${job?.blockers?.length ?? 0}`,
      );
      equal(facts, ["delayed - 1", "ready - 0", "canceled dependency 0", "ready - 0"], "jobs");
      equal(
        (await put(jobs, { insert: [testJob(5, { unique: "key 3" }), testJob(6, { unique: "key 1" })] })).inserted,
        [5, 1].map(id),
        "keys",
      );
      const checked = async (number: number, by?: number) =>
        (
          await commitAll(jobs, [
            { apply: [{ type: "check", id: id(number), blockedBy: by === undefined ? undefined : id(by) }] },
          ])
        ).map(({ ok }) => ok)[0];
      equal(
        [await checked(1, 92), await checked(1, 91), await checked(2), await checked(3)],
        [true, false, true, false],
        "checks",
      );
      equal(
        (await jobs.find({ reason: "dependency", limit: 5 })).map((job) => [job.id, job.finishedAt, job.error]),
        [[id(3), TEST_NOW, `job ${id(91)}, which it waited for, was canceled or removed`]],
        "canceled",
      );
    },
  },
  {
    id: "J-197",
    title: "a link that races the end of its job is counted or refused",
    run: ({ store }) => linksAndEnds([store, store]),
  },
  {
    id: "J-198",
    title: "a link that races the end of its job through another handle is counted or refused",
    needs: "shared",
    run: async ({ store, second }) => linksAndEnds([store, await second()]),
  },
  {
    id: "J-199",
    title: "a wake that races a suspension is never lost",
    run: ({ store }) => wakesAndSuspensions([store, store]),
  },
  {
    id: "J-210",
    title: "a wake that races a suspension through another handle is never lost",
    needs: "shared",
    run: async ({ store, second }) => wakesAndSuspensions([store, await second()]),
  },
  {
    id: "J-234",
    title: "of a reservation and an end that checks that there was none, at once, one is stored",
    run: ({ store }) => reservationsAndEnds([store, store]),
  },
  {
    id: "J-235",
    title: "of a reservation and an end that checks that there was none, through two handles, one is stored",
    needs: "shared",
    run: async ({ store, second }) => reservationsAndEnds([store, await second()]),
  },
];
