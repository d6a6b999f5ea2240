/** Jobs that run later: after a delay, at an instant, and in the order of weights once they are due. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";

interface Topics {
  reminders: { text: string };
}

const svc = createService<Topics>({ jobs: memoryJobs(), topics: memoryTopics() });

await svc.enqueue("reminders", { text: "third: an instant" }, { at: new Date(Date.now() + 400) });
await svc.enqueue("reminders", { text: "second: a delay" }, { delay: "200ms" });
await svc.enqueue("reminders", { text: "never: it is canceled in time" }, { delay: "7d", tags: { trip: "off" } });
await svc.enqueue("reminders", { text: "first: no delay" });

for (const { topic, ready, delayed } of await svc.topics()) {
  console.log(`${topic}: ${ready} ready, ${delayed} delayed`);
}

const [off] = await svc.find({ state: "delayed", tags: { trip: "off" } });
if (off) await svc.cancel(off.id, "the trip is off");

// One call waits for whatever comes next; nobody polls.
for (let left = 3; left > 0; left--) {
  for (const job of await svc.reserve("reminders", 1, { wait: "5s" })) {
    console.log(job.payload.text);
    await job.done();
  }
}

for (const { state, count } of await svc.tally()) console.log(`${count} ${state}`);
await svc.close();
