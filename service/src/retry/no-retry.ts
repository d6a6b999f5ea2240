/** Thrown by a handler: no attempt would help. The job is canceled as `rejected`, whatever retries are left. */
export class NoRetry extends Error {
  override readonly name = "NoRetry";

  /** @param why what is kept with the job: a text, or the error that made it hopeless */
  constructor(why: unknown = "no attempt would help") {
    super(why instanceof Error ? why.message : String(why), { cause: why });
  }
}
