import type { WriteFaults } from "@jobq/conformance";
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";

/** What may come of a write. */
type Faults = Pick<WriteFaults, "write" | "isDead">;

/** A dialect whose statements that write, commits among them, fail when they are told to; once dead, all do. */
export function faultyDialect(dialect: Dialect, faults: Faults): Dialect {
  return {
    createDriver: () => new FaultyDriver(dialect.createDriver(), faults),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (kysely) => dialect.createIntrospector(kysely),
  };
}

/** True for all but what only reads, or begins. */
function mayWrite(sql: string): boolean {
  return !/^\s*(\/\*.*?\*\/\s*)*(select|begin|start|set (?!statement)|savepoint|pragma|show)\b/i.test(sql);
}

class FaultyDriver implements Driver {
  readonly #driver: Driver;
  readonly #faults: Faults;
  readonly #connections = new WeakMap<DatabaseConnection, DatabaseConnection>();

  constructor(driver: Driver, faults: Faults) {
    this.#driver = driver;
    this.#faults = faults;
  }

  init(): Promise<void> {
    return this.#driver.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await this.#driver.acquireConnection();
    const faulty: DatabaseConnection = {
      executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
        const execute = (): Promise<QueryResult<R>> => connection.executeQuery<R>(query);
        // What the server does with the transaction of a connection that is gone.
        if (/^\s*rollback/i.test(query.sql)) return execute();
        return this.#faults.isDead || mayWrite(query.sql) ? this.#faults.write(execute) : execute();
      },
      streamQuery: <R>(query: CompiledQuery, size: number) => connection.streamQuery<R>(query, size),
    };
    this.#connections.set(faulty, connection);
    return faulty;
  }

  beginTransaction(...[connection, settings]: Parameters<Driver["beginTransaction"]>): Promise<void> {
    return this.#driver.beginTransaction(this.#own(connection), settings);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#faults.write(() => this.#driver.commitTransaction(this.#own(connection)));
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#driver.rollbackTransaction(this.#own(connection));
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#driver.releaseConnection(this.#own(connection));
  }

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }

  #own(connection: DatabaseConnection): DatabaseConnection {
    return this.#connections.get(connection) as DatabaseConnection;
  }
}
