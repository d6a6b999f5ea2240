import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import { type CompiledQuery, Kysely } from "kysely";
import { expect, it } from "vitest";
import { sqlJobs } from "../src/index.ts";
import { dialectFor } from "./connect.ts";
import { sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

await describeOn(sqlite, (database) => {
  it("where no more jobs ended by then than are asked for, one statement finds them, and all others walk by id", async () => {
    const asked: CompiledQuery[] = [];
    const log = ({ query }: { readonly query: CompiledQuery }) => void asked.push(query);
    const kysely = new Kysely<unknown>({ dialect: dialectFor("sqlite", database.url ?? ""), log });
    const jobs = sqlJobs(kysely, database.options);
    const ended = [5, 3, 1, 4, 2].map((number) => testJob(number, { state: "done", finishedAt: NOW - number }));
    await jobs.commit([{ now: NOW, insert: [...ended, testJob(6), testJob(7, { topic: "other" })] }]);
    const found = async (query: object) => {
      asked.length = 0;
      const ids = (await jobs.find({ finishedBy: NOW, limit: 5, ...query })).map(({ id }) => id);
      return [ids, asked.map(({ sql }) => /order by (\S+)/.exec(sql)?.[1])];
    };
    const [byEnd, both] = [["j.finished_at"], ["j.finished_at", "j.id"]];
    expect(await found({})).toEqual([[1, 2, 3, 4, 5].map(testId), byEnd]);
    expect(await found({ order: "newest", after: testId(2) })).toEqual([[5, 4, 3].map(testId), byEnd]);
    expect(await found({ topic: "other" })).toEqual([[], byEnd]);
    expect(await found({ limit: 4 })).toEqual([[1, 2, 3, 4].map(testId), both]);
    expect(await found({ limit: 4, finishedBy: NOW - 2 })).toEqual([[2, 3, 4, 5].map(testId), byEnd]);
    await kysely.destroy();
  });
});
