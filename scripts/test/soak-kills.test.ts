import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { END_TOPIC, enqueueLinked, TOPIC } from "../soak/linked-jobs.ts";
import { openStore } from "../soak/stores.ts";
import { verdict } from "../soak/verdict.ts";
import { firstStarts, workUnderKills } from "../soak/work-under-kills.ts";

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "jobq-kills-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("jobs that wait for one another end once each, in order, though the process that works them is killed", {
  timeout: 120_000,
}, async () => {
  const folder = await newFolder();
  const plan = await openStore("level", folder, true, (svc) => enqueueLinked(svc, 660));
  const course = await workUnderKills("level", folder, { ...plan, kills: 3, seed: 1 });
  const { starts } = await firstStarts(folder);
  expect(course.kills).toBe(3);
  expect(await openStore("level", folder, false, (svc) => verdict(svc, plan, starts))).toEqual([]);
});

test("the verdict tells of jobs that are lost, did not end, never ran, began too early, or ran beyond their limit", async () => {
  const folder = await newFolder();
  const faults = await openStore("level", folder, true, async (svc) => {
    const plan = await enqueueLinked(svc, 221);
    const starts = new Map<string, number>();
    const work = async (topic: string): Promise<boolean> => {
      const jobs = await svc.reserve(topic, 100, { wait: "1s" });
      for (const job of jobs) starts.set(job.id, 0);
      await Promise.all(jobs.map((job) => job.done()));
      return jobs.length > 0;
    };
    while (await work(TOPIC));
    await work(END_TOPIC);
    const [removed, unstarted, reset] = await svc.find({ topic: TOPIC, limit: 3 });
    await svc.remove(removed?.id ?? "");
    starts.delete(unstarted?.id ?? "");
    await svc.reset(reset?.id ?? "");
    return verdict(svc, plan, starts);
  });
  const kinds = [
    "are stored",
    "is ready",
    "never ran",
    "in its chain had ended",
    "of its bundle had ended",
    "ran at once",
  ];
  for (const kind of kinds) expect(faults.filter((fault) => fault.includes(kind))).not.toEqual([]);
});
