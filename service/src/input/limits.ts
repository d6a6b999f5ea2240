/** The most jobs one call may ask for or bring. */
export const MAX_JOBS_PER_CALL = 10_000;
