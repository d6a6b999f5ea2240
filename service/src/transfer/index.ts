export { type ExportOptions, exportJobs } from "./export-jobs.ts";
export { type ImportOptions, type ImportReport, importJobs } from "./import-jobs.ts";
export type { TransferProgress } from "./transfer-progress.ts";
export type { TransferSource, TransferTarget } from "./transfer-store.ts";
