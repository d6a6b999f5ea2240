import { isFinal, type JobRepository, type Note } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { commitAll, insert, put } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";

const ROUNDS = 10;

/** Jobs with one key: of a reset and inserts, or of two resets, that are under way at once. */
async function oneHolder(handles: readonly JobRepository[]): Promise<void> {
  const [jobs] = handles as readonly [JobRepository];
  const handle = (turn: number) => handles[turn % handles.length] as JobRepository;
  const numbers = Array.from({ length: ROUNDS }, (_, index) => index + 1);
  const keyed = (number: number, round: number) => testJob(number, { unique: `key ${round}` });
  const first = (round: number) => [round, round + 100].map(testId);
  for (const offset of [0, 100]) {
    await insert(jobs, ...numbers.map((round) => keyed(round + offset, round)));
    const cancels = numbers.map(
      (round) => ({ type: "cancel", id: testId(round + offset), reason: "canceled" }) as const,
    );
    await put(jobs, { apply: cancels });
  }
  for (const round of numbers) {
    const resets = first(round).map((id) => ({ apply: [{ type: "reset", id } as const] }));
    const inserts = [200, 300].map((offset) => ({ insert: [keyed(round + offset, round)] }));
    const units = round % 2 ? [...resets, ...inserts] : [...inserts, ...resets];
    const outcomes = (await Promise.all(units.map((unit, turn) => commitAll(handle(turn), [unit])))).flat();
    const all = await jobs.get([...first(round), ...[200, 300].map((offset) => testId(round + offset))]);
    const holders = all.flatMap((job) => (job && !isFinal(job.state) ? job.id : []));
    equal(holders.length, 1, `live jobs with the key of round ${round}`);
    const told = outcomes.map((outcome) =>
      outcome.ok ? [...outcome.inserted, ...outcome.changed.map(({ id }) => id)] : [outcome.holder],
    );
    equal(
      told.flat(),
      told.map(() => holders[0]),
      `the holder that everybody is told in round ${round}`,
    );
  }
}

/** Notes on jobs that are removed meanwhile. */
async function noNoteOfTheGone(handles: readonly JobRepository[]): Promise<void> {
  const [jobs] = handles as readonly [JobRepository];
  const handle = (turn: number) => handles[turn % handles.length] as JobRepository;
  const ids = Array.from({ length: ROUNDS }, (_, index) => testId(index + 1));
  await insert(jobs, ...ids.map((_, index) => testJob(index + 1)));
  const note = (id: string): Note => ({ id, kind: "log", key: "k", value: "v", at: TEST_NOW });
  const work = ids.flatMap((id, round) => {
    const noting = () => commitAll(handle(0), [{ note: [note(id)] }]);
    const removing = () => commitAll(handle(1), [{ remove: [id] }]);
    return round % 2 ? [noting(), removing(), noting()] : [removing(), noting(), noting()];
  });
  await Promise.all(work);
  const left = await Promise.all(ids.map((id) => jobs.notes(id, "log")));
  equal(
    left,
    ids.map(() => []),
    "notes on removed jobs",
  );
  await put(jobs, {
    insert: ids.map((_, index) => testJob(index + 1)),
    note: ids.flatMap((id) => [
      { ...note(id), value: "old" },
      { ...note(id), key: "old" },
    ]),
  });
  const replacing = ids.flatMap((id, round) => {
    const removing = () => commitAll(handle(1), [{ remove: [id] }]);
    const anew = () => commitAll(handle(0), [{ insert: [testJob(round + 1)], note: [note(id)] }]);
    return round % 2 ? [anew(), removing()] : [removing(), anew()];
  });
  await Promise.all(replacing);
  const found = await jobs.get(ids);
  const kept = await Promise.all(ids.map((id) => handle(1).notes(id, "log")));
  equal(
    kept,
    ids.map((id, index) => (found[index] ? [note(id)] : [])),
    "notes on new jobs with their ids",
  );
}

/** Commits of different kinds that are under way at the same time. */
export const rivalryCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-140",
    title: "of concurrent resets and inserts with one unique key, one is stored, and all are told which",
    run: ({ store }) => oneHolder([store]),
  },
  {
    id: "J-141",
    title: "of resets and inserts with one unique key through two handles, one is stored, and all are told which",
    needs: "shared",
    run: async ({ store, second }) => oneHolder([store, await second()]),
  },
  {
    id: "J-142",
    title: "a note that races the removal of its job leaves nothing behind",
    run: ({ store }) => noNoteOfTheGone([store]),
  },
  {
    id: "J-143",
    title: "a note that races the removal of its job through another handle leaves nothing behind",
    needs: "shared",
    run: async ({ store, second }) => noNoteOfTheGone([store, await second()]),
  },
];
