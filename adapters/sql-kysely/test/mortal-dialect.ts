import type { Fate } from "@jobq/conformance";
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";

/** Ends a process, as far as its database can tell, at one of its statements. */
export class Death {
  readonly #counts: (sql: string) => boolean;
  #left = Infinity;
  #fate: Fate = "lost";
  #isDead = false;

  /** @param counts tells at which statements to die */
  constructor(counts: (sql: string) => boolean) {
    this.#counts = counts;
  }

  /** True once the process has died. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Has the process die at the statement with this number, counted from now on, before it has run or after. */
  at(statement: number, fate: Fate): void {
    this.#left = statement;
    this.#fate = fate;
  }

  /** Runs a statement, unless the process is dead, or dies of it. */
  async run<R>(sql: string, execute: () => Promise<R>): Promise<R> {
    // What the server does with the transaction of a connection that is gone.
    if (/^\s*rollback/i.test(sql)) return execute();
    if (this.#isDead) throw new Error("the process is dead");
    if (!this.#counts(sql) || --this.#left > 0) return execute();
    this.#isDead = true;
    if (this.#fate === "stored") await execute();
    throw new Error("the process has died");
  }
}

/** True for all but what only reads, or begins. */
export function mayWrite(sql: string): boolean {
  return !/^\s*(\/\*.*?\*\/\s*)*(select|begin|start|set|savepoint|pragma|show)\b/i.test(sql);
}

/** A dialect whose connections run their statements by way of a death. */
export function mortalDialect(dialect: Dialect, death: Death): Dialect {
  return {
    createDriver: () => new MortalDriver(dialect.createDriver(), death),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (kysely) => dialect.createIntrospector(kysely),
  };
}

class MortalDriver implements Driver {
  readonly #driver: Driver;
  readonly #death: Death;
  readonly #connections = new WeakMap<DatabaseConnection, DatabaseConnection>();

  constructor(driver: Driver, death: Death) {
    this.#driver = driver;
    this.#death = death;
  }

  init(): Promise<void> {
    return this.#driver.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await this.#driver.acquireConnection();
    const mortal: DatabaseConnection = {
      executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
        this.#death.run(query.sql, () => connection.executeQuery<R>(query)),
      streamQuery: <R>(query: CompiledQuery, size: number) => connection.streamQuery<R>(query, size),
    };
    this.#connections.set(mortal, connection);
    return mortal;
  }

  beginTransaction(...[connection, settings]: Parameters<Driver["beginTransaction"]>): Promise<void> {
    return this.#driver.beginTransaction(connection, settings);
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#driver.commitTransaction(connection);
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#driver.rollbackTransaction(connection);
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#driver.releaseConnection(this.#connections.get(connection) as DatabaseConnection);
  }

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }
}
