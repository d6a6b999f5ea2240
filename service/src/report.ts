/** Told of a failure that no caller hears about, and of what was being done. */
export type Report = (error: unknown, doing: string) => void;
