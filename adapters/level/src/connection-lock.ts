/** A connection that is being made; IndexedDB has no way to take the wish back. */
interface Attempt {
  isWanted: boolean;
  readonly connection: Promise<IDBDatabase>;
}

const PREFIX = "jobq-lock:";

/** By name, so that all who ask wait for the same one. */
const attempts = new Map<string, Attempt>();

/**
 * Locks a name among all tabs, by being the only connection to an IndexedDB database of that name: the version of a
 * database can be raised only while nobody else is connected, and the browser cuts the connections of a tab that ends
 * or crashes. Works on pages without Web Locks. Returns how to let go.
 * @throws {DOMException} `TimeoutError` when another tab keeps it for so long
 */
export async function lockByConnection(databases: IDBFactory, name: string, patienceMs: number): Promise<() => void> {
  const attempt = attempts.get(name) ?? begin(databases, name);
  attempt.isWanted = true;
  const timeout = new AbortController();
  const tooLong = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      attempt.isWanted = false;
      reject(new DOMException("another tab is connected", "TimeoutError"));
    }, patienceMs);
    timeout.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  try {
    const connection = await Promise.race([attempt.connection, tooLong]);
    return () => connection.close();
  } finally {
    timeout.abort();
  }
}

function begin(databases: IDBFactory, name: string): Attempt {
  const attempt: Attempt = {
    isWanted: true,
    connection: connectAlone(databases, PREFIX + name).then((connection) => {
      attempts.delete(name);
      if (!attempt.isWanted) connection.close();
      return connection;
    }),
  };
  attempt.connection.catch(() => attempts.delete(name));
  attempts.set(name, attempt);
  return attempt;
}

async function connectAlone(databases: IDBFactory, name: string): Promise<IDBDatabase> {
  let version: number | undefined;
  for (;;) {
    const { connection, isAlone } = await connect(databases, name, version);
    if (connection && isAlone) return connection;
    version = connection && connection.version + 1;
    connection?.close();
  }
}

/** Connects; without a connection if another tab has raised the version further meanwhile. */
function connect(
  databases: IDBFactory,
  name: string,
  version: number | undefined,
): Promise<{ readonly connection?: IDBDatabase; readonly isAlone: boolean }> {
  return new Promise((resolve, reject) => {
    const request = databases.open(name, version);
    let isAlone = false;
    request.onupgradeneeded = () => {
      isAlone = true;
    };
    request.onsuccess = () => resolve({ connection: request.result, isAlone });
    request.onerror = () =>
      request.error?.name === "VersionError" ? resolve({ isAlone: false }) : reject(request.error);
  });
}
