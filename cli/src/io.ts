/** A stream for text, such as `process.stdout`. */
export interface Output {
  /** Writes text. Returns false if the reader is behind; `drain` is emitted when it has caught up. */
  write(text: string): boolean;
  once(event: "drain", listener: () => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The environment of a command: streams, variables, folder and stop signal. Tests pass their own. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder from which relative paths start. */
  readonly cwd: string;
  /** Aborts when the command is to stop; the reason is the name of the signal, such as SIGTERM. */
  readonly signal: AbortSignal;
}
