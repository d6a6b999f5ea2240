/** What `npm run serve` runs: the jobs of `npm start`, so that one that is retried in the dashboard is run. */
import { mkdir } from "node:fs/promises";
import { invoiceJobs, readCustomers } from "./jobs.ts";

const FOLDER = "jobq-data";

await mkdir(`${FOLDER}/invoices`, { recursive: true });
/** One for each topic. */
export const jobs = invoiceJobs(FOLDER, await readCustomers());
