// Opens the store at the path, says so, and keeps it until it is killed.
import { levelJobs } from "@jobq/job-level";

const [path = ""] = process.argv.slice(2);
await levelJobs(path).tally();
process.stdout.write("open\n");
setInterval(() => {}, 2 ** 30);
