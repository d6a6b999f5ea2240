import { load } from "../bundle.mjs";
import { atBacklog, callers, drain, fill, heapUsed, named, rate } from "../measure.mjs";

/** Whose versions the report names. */
export const packages = ["fastq", "p-queue"];

const nothing = async () => {};

async function memoryService() {
  const { createService, memoryJobs, memoryTopics } = await load();
  return createService({ jobs: memoryJobs(), topics: memoryTopics() });
}

async function wholeLife(queue, count, options) {
  const value = await rate(count, async () => {
    await callers(count, 100, (index) => queue.enqueue("work", index, options?.(index)));
    const worked = await drain(queue);
    if (worked !== count) throw new Error(`worked ${worked} of ${count}`);
  });
  return { value };
}

async function wholeLifeOfJobq(count, options) {
  const svc = await memoryService();
  const measured = await wholeLife(svc, count, options);
  await svc.close();
  return measured;
}

/**
 * The least that a queue which keeps its jobs can do in JavaScript: an id, the payload as text, a Map and an array, and
 * a promise for each call. What jobq takes beyond that is what its states, leases and checks cost.
 */
class BareQueue {
  #jobs = new Map();
  #row = [];
  #first = 0;
  #newId;

  constructor(newId) {
    this.#newId = newId;
  }

  async enqueue(topic, payload) {
    const id = this.#newId(Date.now());
    const job = { id, topic, state: "ready", payload: JSON.stringify(payload) };
    this.#jobs.set(id, job);
    this.#row.push(job);
    return id;
  }

  async reserve(_topic, limit) {
    const jobs = this.#row.slice(this.#first, this.#first + limit);
    this.#first += jobs.length;
    return jobs.map((job) => {
      job.state = "reserved";
      return { id: job.id, payload: JSON.parse(job.payload), done: async () => this.#done(job.id) };
    });
  }

  #done(id) {
    this.#jobs.get(id).state = "done";
  }
}

/** Weights as other queues' priorities: ten of them. */
const weight = (index) => ({ weight: index % 10 });

async function backlog(count) {
  const before = heapUsed();
  const svc = await memoryService();
  await fill(svc, count, weight);
  const bytes = (heapUsed() - before) / count;
  const measured = await atBacklog(svc, 200, weight);
  await svc.close();
  return { ...measured, "heap bytes per job": bytes };
}

export function workloads({ quick }) {
  const count = quick ? 20_000 : 100_000;
  const many = quick ? 100_000 : 1_000_000;
  return [
    {
      id: "life",
      warm: 5,
      times: 5,
      title: `A whole life in memory, ${named(count)} jobs`,
      shape:
        "All jobs are enqueued first, each by its own call, and then worked by a handler that does nothing. jobq: 100 callers each await their `enqueue`; then `reserve(topic, 100)` and `done()` for each job until the topic is empty.",
      unit: "jobs/s",
      better: "more",
      contenders: [
        {
          name: "jobq",
          note: "five states, leases, retries, results, unique keys",
          run: () => wholeLifeOfJobq(count),
        },
        {
          name: "jobq, ten weights",
          note: "the same, ordered by weight",
          run: () => wholeLifeOfJobq(count, weight),
        },
        {
          name: "a bare Map",
          note: "jobs in a Map and an array, by the same calls; nothing else: what there is to reach",
          run: async () => wholeLife(new BareQueue((await load()).newId), count),
        },
        {
          name: "fastq",
          note: "concurrency 100; first in, first out; no states, no ids, no retries, no priority, no delay",
          async run() {
            const { default: fastq } = await import("fastq");
            const queue = fastq.promise(nothing, 100);
            queue.pause();
            const value = await rate(count, async () => {
              const all = [];
              for (let index = 0; index < count; index++) all.push(queue.push(index));
              queue.resume();
              await Promise.all(all);
            });
            return { value };
          },
        },
        {
          name: "p-queue, ten priorities",
          note: "concurrency 100; no states, no retries, no delay",
          async run() {
            const { default: PQueue } = await import("p-queue");
            const queue = new PQueue({ concurrency: 100, autoStart: false });
            const value = await rate(count, async () => {
              const all = [];
              for (let index = 0; index < count; index++) all.push(queue.add(nothing, { priority: index % 10 }));
              queue.start();
              await Promise.all(all);
            });
            return { value };
          },
        },
      ],
    },
    {
      id: "backlog",
      title: "reserve(100) and done, by backlog",
      shape: "Ready jobs of ten weights on one topic; the median of 200 times, the backlog filled up again after each.",
      unit: "ms",
      better: "less",
      ratio: [`jobq, ${named(many)} ready`, "jobq, 10,000 ready"],
      contenders: [10_000, many].map((size) => ({
        name: `jobq, ${named(size)} ready`,
        note: "",
        run: () => backlog(size),
      })),
    },
  ];
}
