import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createServer } from "@jobq/server";
import { listen } from "@jobq/server/node";
import { createService, type JobService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { describe, expect, it, onTestFinished } from "vitest";
import { folder, jobq } from "./terminal.ts";

interface Reached {
  readonly at: readonly string[];
  /** Does something over the store while no command does. */
  readonly within: <T>(work: (svc: JobService) => Promise<T>) => Promise<T>;
}

/** A store that a command opens itself, and one behind a server. */
const ends: readonly (readonly [string, () => Promise<Reached>])[] = [
  [
    "a store",
    async () => {
      const path = `${await folder()}/data`;
      await jobq(["migrate", "--store", `level://${path}`]);
      return {
        at: ["--store", `level://${path}`],
        async within(work) {
          const svc = serviceOver(path);
          return work(svc).finally(() => svc.close());
        },
      };
    },
  ],
  [
    "a server",
    async () => {
      const { url, svc } = await served();
      return { at: ["--url", url], within: (work) => work(svc) };
    },
  ],
];

function serviceOver(path: string): JobService {
  return createService({ jobs: levelJobs(path), topics: levelTopics(path), defaults: { maxRetries: 0 } });
}

async function served(): Promise<{ url: string; svc: JobService }> {
  const svc = serviceOver(`${await folder()}/data`);
  onTestFinished(() => svc.close());
  const { url, close } = await listen(createServer(svc), { port: 0 });
  onTestFinished(() => close());
  return { url, svc };
}

async function enqueue(svc: JobService, count = 2): Promise<{ id: string; members: readonly string[] }> {
  const requests = Array.from({ length: count }, (_, payload) => ({ topic: "member", payload }));
  const { id, jobs } = await createBundles(svc).enqueue("all", requests, { onEnd: { topic: "report" } });
  return { id, members: jobs.map((job) => job.id) };
}

/** A bundle whose members and whose job of its end have failed. */
async function failed(svc: JobService): Promise<{ id: string; members: readonly string[] }> {
  const bundle = await enqueue(svc);
  for (const job of await svc.reserve("member", 2, { wait: "5s" })) await job.retry();
  for (const job of await svc.reserve("report", 1, { wait: "5s" })) await job.retry();
  expect((await svc.status(bundle.id))?.state).toBe("canceled");
  return bundle;
}

const counted = (ran: { readonly code: number; readonly stdout: string }) => [ran.code, JSON.parse(ran.stdout).count];

describe.each(ends)("a bundle and its members, of %s", (_, open) => {
  it.each([
    ["retry", ["--state", "dead"]],
    ["retry", ["--all"]],
    ["reset", ["--all"]],
  ])("are set to run again by %s %j, the members first", async (command, picking) => {
    const { at, within } = await open();
    const { id } = await within(failed);
    expect(counted(await jobq([command, ...picking, "--yes", "--json", ...at]))).toEqual([0, 3]);
    expect(await within(async (svc) => (await svc.status(id))?.state)).toBe("delayed");
  });

  it.each(["retry", "reset"])("are set to run again by %s with their ids, the members first", async (command) => {
    const { at, within } = await open();
    const { id, members } = await within(failed);
    expect(counted(await jobq([command, id, ...members, "--json", ...at]))).toEqual([0, 3]);
    expect(await within(async (svc) => (await svc.status(id))?.state)).toBe("delayed");
  });

  it("are canceled as many as a dry run says, though the bundle takes its members along", async () => {
    const { at, within } = await open();
    await within((svc) => enqueue(svc));
    expect(counted(await jobq(["cancel", "--all", "--dry-run", "--json", ...at]))).toEqual([0, 3]);
    expect(counted(await jobq(["cancel", "--all", "--yes", "--json", ...at]))).toEqual([0, 3]);
    expect(await within((svc) => svc.find({ live: true }))).toEqual([]);
  });

  it("are canceled by their ids in any order; what had ended before is refused", async () => {
    const { at, within } = await open();
    const { id, members } = await within((svc) => enqueue(svc));
    expect(counted(await jobq(["cancel", ...members, id, "--json", ...at]))).toEqual([0, 3]);
    expect(counted(await jobq(["cancel", ...members, "--json", ...at]))).toEqual([4, 0]);
  });
});

describe.each(ends)("copies on a dead-letter topic, of %s", (_, open) => {
  it.each(["retry", "reset"])("are left by %s unless it names the topic, and counted", async (command) => {
    const { at, within } = await open();
    const id = await within(async (svc) => {
      const failed = await svc.enqueue("mail", 1, { onExhausted: { topic: "dead" } });
      for (const job of await svc.reserve("mail", 1, { wait: "5s" })) await job.retry();
      for (const copy of await svc.reserve("dead", 1, { wait: "5s" })) await copy.retry();
      return failed;
    });
    const again = (...args: string[]) => jobq([command, "--state", "dead", "--json", ...args, ...at]);
    const dryRun = await again("--dry-run");
    expect([counted(dryRun), dryRun.stderr]).toEqual([[0, 1], expect.stringMatching(/^1 job left .*copies/)]);
    expect(counted(await again("--yes"))).toEqual([0, 1]);
    expect(await within((svc) => svc.find({ state: "ready" }))).toMatchObject([{ id }]);
    expect(counted(await again("--topic", "dead", "--yes"))).toEqual([0, 1]);
  });

  it("that have not ended are told of where their jobs run again", async () => {
    const { at, within } = await open();
    await within(async (svc) => {
      for (const payload of [1, 2, 3]) await svc.enqueue("mail", payload, { onExhausted: { topic: "dead" } });
      for (const job of await svc.reserve("mail", 3, { wait: "5s" })) await job.retry();
      for (const copy of await svc.reserve("dead", 1, { wait: "5s" })) await copy.done();
      await svc.enqueue("dead", 4);
    });
    const { code, stderr } = await jobq(["retry", "--state", "dead", "--dry-run", ...at]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^of these, 2 have a copy on dead that has not ended/)]);
  });
});

it.each(["cancel", "delete"])("%s takes a bundle before its members, so that it does not end", async (command) => {
  const { url, svc } = await served();
  await enqueue(svc, 101);
  const woken: string[] = [];
  svc.on("woken", ({ id }) => woken.push(id));
  const ran = await jobq([command, "--state", "ready,delayed", "--yes", "--json", "--url", url]);
  expect([counted(ran), woken]).toEqual([[0, 102], []]);
});
