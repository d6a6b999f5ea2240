const done = (result: unknown) => ({ state: "done", result });

/** What each promise comes to, on every runtime and every store. */
export const facts = {
  "by weight, then in order of arrival": [-1, 0, 0, 5],
  "a delayed job reaches a reserve that waits": ["later", true],
  "a reserve that waits is told of a new job": ["now"],
  "a reserve that finds nothing ends in time": 0,
  "a failed job is tried again until no retries are left": ["exhausted", 3],
  "a lease ends, and who held it can't settle any more": ["LEASE_LOST", 2, done("kept")],
  "one unique key, one live job": [1, 1],
  "a linked job starts after those it waits for": [0, 1],
  "no more jobs of a key than its limit": [[1], [2], [3]],
  "a worker runs handlers, and what fails again": [done(2), done(4), done(6)],
  "a workflow sleeps, and goes on with what it had": done(20),
  "a strict workflow that reads the clock is found out": ["canceled", 0],
  "a schedule gives its instant a job": ["tick"],
  "the server takes a job and tells how it ended": [201, true],
  "events are told in order": ["enqueued", "reserved", "done"],
  recovery: ["kept"],
};

/** Where the runtime has no `AsyncLocalStorage`: that is reported. */
export const factsWithoutContexts = {
  ...facts,
  "a strict workflow that reads the clock is found out": ["done", 1],
};
