import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  readonly url?: string;
  readonly key?: string;
  readonly store?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}

/** Where the queue is: behind a server, or in a store that the command opens itself. */
export type Target =
  | { readonly kind: "url"; readonly url: string; readonly key: string | undefined }
  | { readonly kind: "store"; readonly store: string };

/** Where a server listens when nothing else is said, and where commands look for it. */
export const DEFAULT_URL = "http://127.0.0.1:8080";

/** What options, environment and configuration file say together; the first of them that says something counts. */
export class Settings {
  readonly configuration: Configuration;
  readonly #options: GlobalOptions;
  readonly #io: Io;

  private constructor(options: GlobalOptions, io: Io, configuration: Configuration) {
    this.#options = options;
    this.#io = io;
    this.configuration = configuration;
  }

  /** @throws {UsageError} a configuration file that cannot be read, or says what there is not */
  static async read(options: GlobalOptions, io: Io): Promise<Settings> {
    const configuration = await readConfiguration(options.config ?? (io.env.JOBQ_CONFIG || undefined), io.cwd);
    return new Settings(options, io, configuration);
  }

  /** @throws {UsageError} a server and a store at once, or a server whose address has a password */
  get target(): Target {
    const target = this.#target();
    if (target.kind === "url" && /^\w+:\/\/[^/?#]*@/.test(target.url)) {
      throw new UsageError("the address of a server takes no user and password: --key or JOBQ_KEY gives its key");
    }
    return target;
  }

  #target(): Target {
    const { url, store } = this.#options;
    if (url !== undefined && store !== undefined) throw new UsageError("--url and --store exclude each other");
    const key = this.key;
    if (url !== undefined) return { kind: "url", url, key };
    if (store !== undefined) return { kind: "store", store };
    const { JOBQ_URL, JOBQ_STORE } = this.#io.env;
    if (JOBQ_URL) return { kind: "url", url: JOBQ_URL, key };
    if (JOBQ_STORE) return { kind: "store", store: JOBQ_STORE };
    if (this.configuration.url !== undefined) return { kind: "url", url: this.configuration.url, key };
    if (this.configuration.store !== undefined) return { kind: "store", store: this.configuration.store };
    return { kind: "url", url: DEFAULT_URL, key };
  }

  /** The key that is sent to a server. */
  get key(): string | undefined {
    return this.#options.key ?? (this.#io.env.JOBQ_KEY || undefined) ?? this.configuration.key;
  }

  /** The store, for what works on nothing else; undefined where none is named. */
  get store(): string | undefined {
    return this.#options.store ?? (this.#io.env.JOBQ_STORE || undefined) ?? this.configuration.store;
  }

  /** A setting of `serve`, by its option, its variable or the file. */
  value<T extends string | number>(given: T | undefined, variable: string, configured: T | undefined): T | undefined {
    return given ?? ((this.#io.env[variable] || undefined) as T | undefined) ?? configured;
  }
}
