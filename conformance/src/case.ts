import type { Capabilities, JobId } from "@jobq/core";
import { checkHarness, checkOpened, checkRunner } from "./check-harness.ts";
import { triedAgain } from "./tried-again.ts";
import type { FailAt } from "./write-faults.ts";

/** What registers tests: `describe` and `it` of Vitest, Jest, Mocha, `node:test` and their like. */
export interface Runner {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: () => Promise<void>): unknown;
}

/** A transaction as a user of the store's database would begin it. */
export interface OpenTransaction {
  /** What `within` of the store takes. */
  readonly transaction: object;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** One store that was opened for one case. */
export interface Opened<S> {
  /** Empty, and used by nobody else. */
  readonly store: S;
  /** Opens the same data again, once the kit has closed what was open. Must be there when the store is durable. */
  reopen?(): Promise<S>;
  /** Opens another handle on the same data, as another process would. Must be there when the store is shared. */
  second?(): Promise<S>;
  /** Begins a transaction. Must be there when the store has `within`; others write beside it only with `rowLocks`. */
  begin?(): Promise<OpenTransaction>;
  /**
   * Spoils what is stored of a job, as a disk or a stranger may; called once the kit has closed what was open. Where it is
   * left out, so are the cases about that. Needs `reopen`.
   */
  damage?(id: JobId): Promise<void>;
  /**
   * Has one write fail, of all that are made on any handle: `failAt` of `WriteFaults` does it. What makes nothing last,
   * such as the begin of a transaction, is no write. Where it is left out, so are the cases about that.
   */
  failAt?: FailAt;
  /** Cleans up; every handle is closed by then. */
  dispose?(): Promise<void>;
}

/** How the kit gets at the stores of an adapter. */
export interface Harness<S> {
  /** Stands in the title of the suite. */
  readonly name: string;
  /** Opens an empty store; called once for each case. */
  open(): Promise<Opened<S>>;
  /**
   * Set where the database runs in this process and takes the time from its wall clock: a case that sets that clock
   * would set the database's, and is left out.
   */
  readonly inProcessClock?: boolean | undefined;
  /** Set where an open transaction keeps the only connection: cases that write beside one are left out. */
  readonly oneConnection?: boolean | undefined;
}

/** What a case works with. */
export interface CaseContext<S> {
  readonly store: S;
  /** Closes every handle and opens the same data again; only for cases that need `durable`. */
  reopen(): Promise<S>;
  /** Another handle on the same data; only for cases that need `shared`. */
  second(): Promise<S>;
  /** Closes every handle, spoils what is stored of a job and opens the rest again; only for cases that need `damage`. */
  damage(id: JobId): Promise<S>;
  /** Has one write fail; only for cases that need `failAt`. */
  readonly failAt: FailAt;
  /** A transaction on the store's database; only for cases that need `within`. */
  begin(): Promise<OpenTransaction>;
}

/** One fact that holds for every store of a kind, or for every one with the capability that it needs. */
export interface Fact<S> {
  /** Never changes and is never given to another case, so that docs and reports can cite it. */
  readonly id: string;
  readonly title: string;
  /** The capability, or optional member, without which there is nothing to check. */
  readonly needs?: keyof Capabilities | OptionalMember | "damage" | "failAt";
  /** Set where the wall clock of the process is set while the time of the store is to stay as it is. */
  readonly setsWallClock?: true | undefined;
  /** Rejects when the fact does not hold. */
  run(context: CaseContext<S>): Promise<void>;
}

/** What is tested: a job repository, a topic repository, or a store made of two. */
export type StoreKind = "jobs" | "topics" | "pair";

/** A fact, and the kind of store that it is about. */
export interface Case<S> extends Fact<S> {
  readonly kind: StoreKind;
}

/** The facts as cases about stores of that kind. */
export function casesAbout<S>(kind: StoreKind, facts: readonly Fact<S>[]): readonly Case<S>[] {
  return facts.map((fact) => ({ ...fact, kind }));
}

interface Port {
  readonly capabilities: Capabilities;
  close(): Promise<void>;
}

/** What two repositories together may offer or not. */
type OptionalMember = "within" | "direct";

type Pair = { readonly jobs: Port; readonly topics: Port } & { readonly [M in OptionalMember]?: unknown };

/** A repository, or two of them that follow each other. */
export type Conforming = Port | Pair;

/** Registers a test for each case; `subject` is what they are about. */
export function registerCases<S extends Conforming>(
  runner: Runner,
  subject: string,
  cases: readonly Case<S>[],
  harness: Harness<S>,
): void {
  checkRunner(runner);
  checkHarness(harness);
  runner.describe(`${harness.name}: ${subject}`, () => {
    for (const one of cases) {
      const isLeftOut =
        (one.setsWallClock && harness.inProcessClock) || (one.needs === "rowLocks" && harness.oneConnection);
      if (!isLeftOut) {
        runner.it(`${one.id} ${one.title}`, () => runCase(one, harness));
      }
    }
  });
}

/** Runs one case over a store of its own and cleans up behind it; rejects with the fault that was found. */
export async function runCase<S extends Conforming>(one: Case<S>, harness: Harness<S>): Promise<void> {
  checkHarness(harness);
  const opened = await harness.open();
  const handles = opened?.store === undefined ? [] : [opened.store];
  const closeAll = async (): Promise<void> => {
    for (const handle of handles.splice(0)) for (const port of portsOf(one.kind, handle)) await port.close();
  };
  const supplied = <K extends "reopen" | "second" | "begin" | "damage" | "failAt">(
    how: K,
  ): NonNullable<Opened<S>[K]> => {
    const supply = opened[how]?.bind(opened) as NonNullable<Opened<S>[K]> | undefined;
    if (!supply) throw new Error(`the harness "${harness.name}" must supply ${how}(), as its store declares`);
    return supply;
  };
  const open = async (how: "reopen" | "second"): Promise<S> => {
    const opener = supplied(how);
    if (how === "reopen") await closeAll();
    const handle = await opener();
    handles.push(handle);
    return handle;
  };
  const cleanUp = async (): Promise<void> => {
    try {
      opened.failAt?.(Number.POSITIVE_INFINITY, "lost");
      await closeAll();
    } finally {
      await opened.dispose?.();
    }
  };

  try {
    checkOpened(harness.name, one.kind, opened);
    if (isAsked(one, opened)) {
      const mayLock = one.needs !== "rowLocks" && has(one.kind, opened.store, "rowLocks");
      const given = (store: S): S => (mayLock ? triedAgain(store) : store);
      await one.run({
        store: given(opened.store),
        reopen: async () => given(await open("reopen")),
        second: async () => given(await open("second")),
        damage: async (id) => {
          await closeAll();
          await supplied("damage")(id);
          return given(await open("reopen"));
        },
        begin: async () => supplied("begin")(),
        failAt: (write, fate) => supplied("failAt")(write, fate),
      });
    }
  } catch (fault) {
    await cleanUp().catch(() => undefined); // the first fault is the one to tell
    throw fault;
  }
  await cleanUp();
}

function isAsked<S extends Conforming>({ kind, needs }: Case<S>, { store, damage, failAt }: Opened<S>): boolean {
  if (needs === "damage") return damage !== undefined && has(kind, store, "durable");
  if (needs === "failAt") return failAt !== undefined;
  return !needs || has(kind, store, needs);
}

/** Which kind a store is, is never guessed from its members: a repository may have some of any name. */
function has(kind: StoreKind, store: Conforming, needed: keyof Capabilities | OptionalMember): boolean {
  if (needed === "durable" || needed === "shared") return capabilitiesOf(kind, store)[needed];
  if (needed === "rowLocks")
    return (kind === "pair" ? (store as Pair).jobs : (store as Port)).capabilities.rowLocks === true;
  return kind === "pair" && (store as Pair)[needed] !== undefined;
}

/** A pair is as durable as its jobs, from which topics can be restored, and shared when both are. */
function capabilitiesOf(kind: StoreKind, store: Conforming): Capabilities {
  if (kind !== "pair") return (store as Port).capabilities;
  const { jobs, topics } = store as Pair;
  return { durable: jobs.capabilities.durable, shared: jobs.capabilities.shared && topics.capabilities.shared };
}

/** Topics first: what they hold follows from the jobs. */
function portsOf(kind: StoreKind, store: Conforming): readonly Port[] {
  if (kind !== "pair") return [store as Port];
  const { jobs, topics } = store as Pair;
  return [topics, jobs];
}
