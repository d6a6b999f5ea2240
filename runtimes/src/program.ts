import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { keepPromises } from "./promises.ts";

// Where a program has a disk: the same in memory and on LevelDB, each promise in a folder of its own.
const folder = process.argv[2] as string;
let made = 0;
const onDisk = () => {
  const path = `${folder}/${made++}`;
  return { jobs: levelJobs(path), topics: levelTopics(path) };
};
console.log(JSON.stringify({ memory: await keepPromises(), store: await keepPromises(onDisk) }));
