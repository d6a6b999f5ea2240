/** What an error that is kept with a job says, without its stack, which attempts have. */
export function errorMessage(text: string | undefined): string | undefined {
  return text?.replace(/\n +at .*$/s, "");
}
