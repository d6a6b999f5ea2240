/** What is stored is encrypted: payloads, results and errors; keys are rotated without losing what the old one wrote. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { encrypted } from "@jobq/service/encryption";

const newKey = () => crypto.getRandomValues(new Uint8Array(32));
const [march, april] = [newKey(), newKey()];

const [jobs, topics] = [memoryJobs(), memoryTopics()];
const old = createService({ jobs, topics, codec: encrypted({ keys: { march }, current: "march" }) });
const id = await old.enqueue("letters", { to: "ada", text: "secret" }, { unique: "letter-7" });
const [stored] = await jobs.get([id]);
console.log(`stored: ${stored?.payload.slice(0, 11)}…, unique: ${stored?.unique}`);

const svc = createService({ jobs, topics, codec: encrypted({ keys: { march, april }, current: "april" }) });
const [letter] = await svc.reserve("letters");
console.log(`read with both keys: ${JSON.stringify(letter?.payload)}`);
await letter?.done({ delivered: true });
console.log(`result: ${JSON.stringify((await svc.get(id))?.result)}`);

const without = encrypted({ keys: { april }, current: "april" });
try {
  without.decode(stored?.payload ?? "");
} catch (error) {
  console.log(`without the old key: ${(error as { code: string }).code}`);
}
await svc.close();
