import type { Capabilities, JobId } from "@jobq/core";
import { checkHarness, checkOpened, checkRunner } from "./check-harness.ts";
import { triedAgain } from "./tried-again.ts";
import type { FailAt } from "./write-faults.ts";

/** Registers tests: `describe` and `it` of Vitest, Jest, Mocha, `node:test` or a similar runner. */
export interface Runner {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: () => Promise<void>): unknown;
}

/** A transaction that a user of the store's database has begun. */
export interface OpenTransaction {
  /** The transaction in the form that `within` of the store takes. */
  readonly transaction: object;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A store that was opened for one case. */
export interface Opened<S> {
  /** The store: empty, and used by nothing else. */
  readonly store: S;
  /** Opens the same data again; called after the kit has closed all handles. Required if the store is durable. */
  reopen?(): Promise<S>;
  /** Opens another handle on the same data, as another process would. Required if the store is shared. */
  second?(): Promise<S>;
  /** Begins a transaction. Required if the store has `within`. Others write meanwhile only if it has `rowLocks`. */
  begin?(): Promise<OpenTransaction>;
  /**
   * Makes the stored record of a job unreadable; called after the kit has closed all handles. Needs `reopen`. Without
   * it, the cases about damaged records check nothing.
   */
  damage?(id: JobId): Promise<void>;
  /**
   * Makes one write fail, counted over all handles: pass `failAt` of a `WriteFaults`. What stores nothing, such as the
   * begin of a transaction, is not a write. Without it, the cases about failing writes check nothing.
   */
  failAt?: FailAt;
  /** Cleans up; called after all handles are closed. */
  dispose?(): Promise<void>;
}

/** Tells the kit how to open the stores of an adapter. */
export interface Harness<S> {
  /** Names the adapter in the title of the suite and in errors. */
  readonly name: string;
  /** Opens an empty store. Called once per case. */
  open(): Promise<Opened<S>>;
  /**
   * True if the database runs in this process and uses its wall clock; false. Cases that set that clock are then left
   * out.
   */
  readonly inProcessClock?: boolean | undefined;
  /** True if an open transaction occupies the only connection; false. Cases that write beside one are then left out. */
  readonly oneConnection?: boolean | undefined;
}

/** What a case gets: the store that it checks, and ways to reopen, share and damage it. */
export interface CaseContext<S> {
  readonly store: S;
  /** Closes all handles and opens the same data again. Only for cases that need `durable`. */
  reopen(): Promise<S>;
  /** Opens another handle on the same data. Only for cases that need `shared`. */
  second(): Promise<S>;
  /**
   * Closes all handles, makes the record of a job unreadable and opens the data again. Only for cases that need
   * `damage`.
   */
  damage(id: JobId): Promise<S>;
  /** Makes one write fail. Only for cases that need `failAt`. */
  readonly failAt: FailAt;
  /** Begins a transaction on the store's database. Only for cases that need `within`. */
  begin(): Promise<OpenTransaction>;
}

/** A fact that holds for every store of a kind, or for every store with the capability that it needs. */
export interface Fact<S> {
  /** Never changes and is never given to another case, so that docs and reports can cite it. */
  readonly id: string;
  readonly title: string;
  /** The capability, or the optional member of the store or harness, without which the case checks nothing. */
  readonly needs?: keyof Capabilities | OptionalMember | "damage" | "failAt";
  /** True if the case sets the wall clock of the process and expects the time of the store not to change. */
  readonly setsWallClock?: true | undefined;
  /** Checks the fact; rejects if it does not hold. */
  run(context: CaseContext<S>): Promise<void>;
}

/** What is tested: a job repository, a topic repository, or a store made of two. */
export type StoreKind = "jobs" | "topics" | "pair";

/** A fact to check, and the kind of store that it is about. */
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

/** A repository, or a store made of two of them. */
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

/**
 * Runs one case without a test runner: opens a store, checks the fact and cleans up. Rejects with a {@link Fault} if it
 * does not hold.
 * @throws {TypeError} a wrong harness, or a store of another kind
 */
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
