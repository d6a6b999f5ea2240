import { UsageError } from "../failure.ts";

/** What was set, and where: errors name its option, its variable, or the file and the name in it. */
export interface Setting<Name extends string = string> {
  readonly name: Name;
  readonly value: string;
  readonly from: string;
}

/**
 * What a setting says.
 * @param read gets the value, and what errors call it
 * @throws {UsageError} what `read` throws of a wrong value, with where that was set
 */
export function readSetting<T>({ value, from }: Setting, read: (value: string, from: string) => T): T {
  try {
    return read(value, from);
  } catch (error) {
    throw refused(error, from);
  }
}

/** The same for what takes time to read. */
export async function loadSetting<T>(setting: Setting, read: (value: string) => Promise<T>): Promise<T> {
  return read(setting.value).catch((error: unknown) => {
    throw refused(error, setting.from);
  });
}

function refused(error: unknown, from: string): unknown {
  const isArgument = error instanceof TypeError || error instanceof RangeError;
  return isArgument && !error.message.startsWith(from) ? new UsageError(`${from}: ${error.message}`) : error;
}
