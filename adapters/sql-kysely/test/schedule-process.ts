import { createService } from "@jobq/service";
import { createSchedules, every } from "@jobq/service/cron";
import { type SqlLayoutOptions, sqlJobs, sqlTopics } from "../src/index.ts";
import { connectTo } from "./connect.ts";

/** What a process with a schedule is told on its command line, as JSON. */
export interface ScheduleOrder {
  readonly url: string;
  readonly options: SqlLayoutOptions;
  readonly everyMs: number;
}

// Stores what the schedule owes until it is killed.
const { url, options, everyMs } = JSON.parse(process.argv[2] ?? "") as ScheduleOrder;
const kysely = connectTo("postgres", url);
const svc = createService({ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, options) });
const schedules = createSchedules(svc);
await schedules.set("tick", every(everyMs), { topic: "ticks", missed: "all" });
await schedules.start();
console.log("ready");
