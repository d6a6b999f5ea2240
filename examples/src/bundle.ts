/** An album: its images are resized as one bundle, and the report runs once, when the last of them has ended. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createWorker, defineJob } from "@jobq/service/worker";

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const bundles = createBundles(svc);

const resize = defineJob("resize", {
  topic: "images",
  maxRetries: 0,
  run: (image: string) => {
    if (image.endsWith(".txt")) throw new Error(`${image} is no image`);
    return image.replace(".png", "-small.png");
  },
});
const report = defineJob("report", {
  async run(album: string, { id }) {
    const { total, done, canceled } = (await bundles.get(id)) ?? {}; // the job of the end has the bundle's id
    return `${album}: ${done} of ${total} images are resized, ${canceled} could not be`;
  },
});

const worker = createWorker(svc, { jobs: [resize, report] });
await worker.start();

const album = await bundles.open("album", { onEnd: { job: report, payload: "Alps" } });
for (const images of [["a.png", "b.png"], ["c.png", "notes.txt"], ["d.png"]]) {
  await album.add(images.map((payload) => ({ job: resize, payload })));
}
await album.seal();

const ending = await svc.result(album.id);
console.log(ending.state === "done" ? ending.result : ending);

const failed = await svc.find({ group: album.id, state: "canceled" });
console.log(`canceled: ${failed.map(({ error }) => error?.split("\n")[0]).join(", ")}`);

await worker.stop();
await svc.close();
