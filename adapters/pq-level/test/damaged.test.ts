import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService, type ServiceEvent } from "@jobq/service";
import { exportJobs } from "@jobq/service/transfer";
import { expect, it } from "vitest";
import { damageHead, directory } from "./databases.ts";

it("a service goes on beside a job that cannot be read, says which it is, and removes it", async () => {
  const { path, remove } = await directory();
  const open = () => createService({ jobs: levelJobs(path), topics: levelTopics(path), fused: true });
  const before = open();
  const ids = [];
  for (const payload of [1, 2, 3]) ids.push(await before.enqueue("mail", payload, { unique: `key ${payload}` }));
  await before.close();
  const [first, second, third] = ids as [string, string, string];
  await damageHead(path, second);

  const service = open();
  const errors: ServiceEvent[] = [];
  service.on("error", (event) => errors.push(event));
  const lines: string[] = [];
  for await (const line of exportJobs(service)) lines.push(line);
  expect(lines.map((line) => JSON.parse(line).job.id)).toEqual([first, third]);
  expect((await service.reserve("mail", 5)).map(({ id }) => id)).toEqual([first, third]);
  expect(errors).toMatchObject([{ doing: "reading a job", error: { code: "STORE_FAILED" } }]);

  await service.remove(second);
  await expect(service.remove(second)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
  expect(await service.tally()).toEqual([{ topic: "mail", state: "reserved", count: 2 }]);
  expect(await service.enqueue("mail", 4, { unique: "key 2" })).not.toBe(second);
  await service.close({ deadline: 0 });
  await remove();
});
