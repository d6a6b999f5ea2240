import { resolve } from "node:path";
import { wrongType } from "@jobq/core";
import type { ApiKey } from "@jobq/server";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { storeAddress } from "../store/store-address.ts";
import { CONFIGURATION_FILE, type Configuration, readConfiguration } from "./configuration.ts";
import { readSetting, type Setting } from "./setting.ts";

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
export type Target = Server | { readonly kind: "store"; readonly store: string };

/** A server, and the key that opens it. */
export interface Server {
  readonly kind: "url";
  readonly url: string;
  readonly key: string | undefined;
}

/** Where a server listens when nothing else is said, and where commands look for it. */
export const DEFAULT_URL = "http://127.0.0.1:8080";

/** Names of what may be set by an option, a variable and the file. */
type Name = Exclude<keyof Configuration, "keys">;

/** What options, environment and configuration file say together; the first of them that says something counts. */
export class Settings {
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #io: Io;
  readonly #file: string;
  readonly #configuration: Configuration;

  private constructor(options: object, io: Io, file: string, configuration: Configuration) {
    this.#options = options as Readonly<Record<string, unknown>>;
    this.#io = io;
    this.#file = file;
    this.#configuration = configuration;
  }

  /** @throws {UsageError} a configuration file that cannot be read, or says what there is not */
  static async read(options: GlobalOptions, io: Io): Promise<Settings> {
    const named = given("config", options as Readonly<Record<string, unknown>>, io);
    const file = resolve(io.cwd, named?.value ?? CONFIGURATION_FILE);
    return new Settings(options, io, file, await readConfiguration(file, named?.from));
  }

  /**
   * The one that was set of settings that exclude each other; undefined where none was. Of two that are set in the same
   * place the first counts.
   * @throws {UsageError} two options
   */
  first<N extends Name>(...names: readonly N[]): Setting<N> | undefined {
    const options = names.filter((name) => this.#options[name] !== undefined).map(optionOf);
    if (options.length > 1) throw new UsageError(`${options.join(" and ")} exclude each other`);
    return byOption(names, this.#options) ?? byVariable(names, this.#io) ?? this.#configured(names);
  }

  /** The same of one, with what counts where it was not set. */
  or<N extends Name>(name: N, value: string): Setting<N> {
    return this.first(name) ?? { name, value, from: optionOf(name) };
  }

  /** Keys are named as a file, or stand in the configuration. */
  get keys(): Setting | { readonly value: readonly ApiKey[]; readonly from: string } | undefined {
    const { keys } = this.#configuration;
    const file = given("keys", this.#options, this.#io);
    return file ?? (keys && { value: keys, from: this.#inFile("keys") });
  }

  /** @throws {UsageError} a server and a store at once, or an address that is none */
  get target(): Target {
    const set = this.first("url", "store");
    if (set?.name === "store") return { kind: "store", store: readSetting(set, checkedStore) };
    return { kind: "url", url: set ? readSetting(set, checkedUrl) : DEFAULT_URL, key: this.#key };
  }

  /**
   * The store, for what works on nothing else; undefined where none is named.
   * @throws {UsageError} an address that is none
   */
  get store(): string | undefined {
    const set = this.first("store");
    return set && readSetting(set, checkedStore);
  }

  /** The key that is sent to a server. */
  get #key(): string | undefined {
    const set = this.first("key");
    return set && readSetting(set, checkedKey);
  }

  #configured<N extends Name>(names: readonly N[]): Setting<N> | undefined {
    const name = names.find((one) => this.#configuration[one] !== undefined);
    return name && { name, value: String(this.#configuration[name]), from: this.#inFile(name) };
  }

  #inFile(name: string): string {
    return `${this.#file}: ${name}`;
  }
}

/** A setting by its option or its variable. */
function given<N extends string>(name: N, options: Readonly<Record<string, unknown>>, io: Io): Setting<N> | undefined {
  return byOption([name], options) ?? byVariable([name], io);
}

function byOption<N extends string>(
  names: readonly N[],
  options: Readonly<Record<string, unknown>>,
): Setting<N> | undefined {
  const name = names.find((one) => options[one] !== undefined);
  return name && { name, value: String(options[name]), from: optionOf(name) };
}

/** A variable that is empty says nothing. */
function byVariable<N extends string>(names: readonly N[], { env }: Io): Setting<N> | undefined {
  const name = names.find((one) => env[variableOf(one)]);
  return name && { name, value: env[variableOf(name)] as string, from: variableOf(name) };
}

function optionOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function variableOf(name: string): string {
  return `JOBQ_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** @throws {TypeError} the address of no store */
export function checkedStore(text: string): string {
  storeAddress(text);
  return text;
}

function checkedUrl(text: string, from: string): string {
  if (/^\w+:\/\/[^/?#]*@/.test(text)) {
    throw new UsageError("the address of a server takes no user and password: --key or JOBQ_KEY gives its key");
  }
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw wrongType(from, `the address of a server such as ${DEFAULT_URL}`, text);
}

/** The message does not repeat it. */
function checkedKey(text: string, from: string): string {
  if (/^[\x20-\x7e]*$/.test(text.trim())) return text;
  throw new UsageError(`${from} must be a key as \`jobq keys\` makes it, without line breaks and letters beyond ASCII`);
}
