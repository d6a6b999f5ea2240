import { checkOptions, type OptionNames, outOfRange, received, wrongType } from "@jobq/core";
import type { Harness, Opened, Runner, StoreKind } from "./case.ts";

const HARNESS: OptionNames<Harness<unknown>> = { name: true, open: true, inProcessClock: true, oneConnection: true };
const OPENED: OptionNames<Opened<unknown>> = {
  ...{ store: true, reopen: true, second: true, begin: true, damage: true, failAt: true, dispose: true },
};

const NAMES: Readonly<Record<StoreKind, string>> = {
  jobs: "a job repository",
  topics: "a topic repository",
  pair: "a store made of both, as compose() returns it",
};
const METHODS: Readonly<Record<StoreKind, readonly string[]>> = {
  jobs: ["commit", "get"],
  topics: ["push", "pop"],
  pair: ["commit", "reserve", "jobs.commit", "topics.push"],
};
const KINDS = Object.keys(NAMES) as StoreKind[];

/** @throws {TypeError} a runner whose functions would register no test, or no group of tests */
export function checkRunner(runner: Runner): void {
  if (typeof runner !== "object" && typeof runner !== "function")
    throw wrongType("the runner", "an object with describe and it", runner);
  const { describe, it } = runner ?? {};
  checkMember(describe, "function", "describe of the runner");
  checkMember(it, "function", "it of the runner");
  if (describe === it) throw new TypeError("describe and it of the runner must be two functions, got one for both");
}

/** @throws {TypeError} a harness that lacks a member, or has one that does not exist or is of the wrong type */
export function checkHarness(harness: Harness<unknown>): void {
  if (harness === undefined) throw wrongType("the harness", "an object", harness);
  checkOptions(harness, HARNESS, "the harness");
  checkNameAndOpen(harness);
  for (const name of ["inProcessClock", "oneConnection"] as const)
    if (harness[name] !== undefined) checkMember(harness[name], "boolean", `${name} of the harness`);
}

/** What every harness has. */
export function checkNameAndOpen({ name, open }: { readonly name: string; readonly open: unknown }): void {
  checkMember(name, "string", "name of the harness");
  checkMember(open, "function", "open of the harness");
}

/**
 * Checks what `open()` of a harness resolved with.
 * @throws {TypeError} no store, a store of another kind, or a member that does not exist or is of the wrong type
 */
export function checkOpened(harness: string, kind: StoreKind, opened: Opened<unknown>): void {
  const whose = `what open() of the harness "${harness}" resolves with`;
  if (opened?.store === undefined) throw wrongType(whose, "an object with a store", opened);
  checkOptions(opened, OPENED, whose);
  for (const name of Object.keys(OPENED) as (keyof typeof OPENED)[]) {
    if (name !== "store" && opened[name] !== undefined) checkMember(opened[name], "function", `${name} of ${whose}`);
  }
  checkStore(`the store of the harness "${harness}"`, kind, opened.store);
}

/** @throws {TypeError} a store of another kind */
export function checkStore(what: string, kind: StoreKind, store: unknown): void {
  const missing = missingOf(kind, store);
  if (missing.length === 0) return;
  const other = KINDS.find((one) => missingOf(one, store).length === 0);
  const got = other ? NAMES[other] : `${received(store)} without ${missing.map((name) => `${name}()`).join(", ")}`;
  throw new TypeError(`${what} must be ${NAMES[kind]}, got ${got}`);
}

/** Checks a number of something, such as of steps. */
export function checkCount(value: number, what: string): void {
  checkMember(value, "number", what);
  if (!Number.isInteger(value) || value < 1) throw outOfRange(what, "a whole number from 1", value);
}

/** @throws {TypeError} not of that type */
export function checkMember(value: unknown, type: "function" | "string" | "boolean" | "number", what: string): void {
  if (typeof value !== type) throw wrongType(what, `a ${type}`, value);
}

/** Which of the methods that tell the kinds apart the store lacks. It may lack others: what is unfinished can be tested. */
function missingOf(kind: StoreKind, store: unknown): readonly string[] {
  return METHODS[kind].filter((path) => {
    const member = path
      .split(".")
      .reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], store);
    return typeof member !== "function";
  });
}
