/** Called with a failure that no caller is told of, and with what was being done. */
export type Report = (error: unknown, doing: string) => void;
