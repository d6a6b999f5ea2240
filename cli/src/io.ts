/** A stream that text is written to. */
export interface Output {
  /** Returns false when the reader is behind; `drain` tells when it has caught up. */
  write(text: string): boolean;
  once(event: "drain", listener: () => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Everything that a command has of its surroundings; tests bring their own. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths start from. */
  readonly cwd: string;
  /** Aborts when the command is asked to stop; the name of the signal is its reason. */
  readonly signal: AbortSignal;
}
