/** The exit codes of the command `jobq`. */
export const EXIT_CODES = {
  ok: 0,
  /** It was refused or went wrong; or the job that was waited for failed, or the doctor found something. */
  failed: 1,
  /** The command was called wrongly, or its configuration is wrong. */
  usage: 2,
  /** There is no such job, topic or schedule. */
  notFound: 3,
  /** The job's state does not allow it, or another job holds the unique key. */
  conflict: 4,
  /** The server or the store cannot be reached, is locked, or is of another version. */
  unavailable: 5,
  /** What was waited for did not come in time. */
  timeout: 6,
  /** The server takes a key, or one that may do more. */
  denied: 7,
  /** Stopped by SIGINT. */
  interrupted: 130,
  /** Stopped by SIGTERM. */
  terminated: 143,
} as const;

/** One of them. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
