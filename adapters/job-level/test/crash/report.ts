import type { JobId } from "@jobq/core";

/** How a holder ends a reservation. */
export type Settling = "done" | "retry" | "cancel" | "release";

/**
 * A line that a process prints: what it is about to do, or what was acknowledged, in which case it says so by an answer
 * (`ids`, `jobs`, `ok`). Instants are those of the machine, from before the call and after its answer.
 */
export type Report =
  | { readonly op: "opening" }
  /** Jobs by their business numbers, in one unit; `runAt` is the earliest instant they may run. */
  | {
      readonly op: "enqueue";
      readonly numbers: readonly number[];
      readonly runAt?: number | undefined;
      readonly unique?: string | undefined;
      readonly ids?: readonly JobId[];
      readonly duplicate?: boolean;
    }
  | {
      readonly op: "reserve";
      readonly askedAt: number;
      readonly answeredAt: number;
      readonly leaseMs: number;
      readonly jobs: readonly { readonly id: JobId; readonly number: number; readonly token: number }[];
    }
  | {
      readonly op: "settle";
      readonly how: Settling;
      readonly id: JobId;
      readonly token: number;
      readonly delayMs: number;
      readonly at: number;
      readonly ok?: boolean;
      readonly answeredAt?: number;
    }
  /** What somebody does who does not hold the job. */
  | { readonly op: "cancel" | "remove"; readonly id: JobId; readonly ok?: boolean; readonly answeredAt?: number }
  /** Something that must not happen whatever dies. */
  | { readonly op: "fault"; readonly text: string };

/** Takes a report before anything else happens. */
export type Tell = (report: Report) => void;
