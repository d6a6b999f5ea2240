import type { JSX } from "preact";
import type { ApiFault } from "../api/api.ts";

/** That something could not be loaded, and a way to try again. */
export function FaultNote({
  error,
  retry,
}: {
  readonly error: ApiFault | undefined;
  readonly retry?: () => void;
}): JSX.Element | null {
  if (!error) return null;
  return (
    <div class="note note-bad" role="alert">
      <span>{error.message}</span>
      {retry && (
        <button type="button" class="button small" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
