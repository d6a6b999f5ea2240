import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Api, type ApiFault } from "./api/api.ts";
import type { CallerForm } from "./api/caller.ts";
import { LoginPage } from "./pages/login-page.tsx";
import { FaultNote } from "./parts/fault-note.tsx";
import { Shell } from "./shell.tsx";
import { keepSessionKey, sessionKey } from "./state/session-key.ts";

/** Who the caller is, as far as that is known. */
type Entry =
  | { readonly caller: CallerForm; readonly skewMs: number }
  /** The key that the server does not know; undefined where none was given. */
  | { readonly refused: string | undefined }
  | { readonly error: ApiFault }
  | undefined;

/** The dashboard: asks for a key where the server does, and shows the pages. */
export function App(): JSX.Element | null {
  const [key, setKey] = useState(sessionKey);
  const [entry, setEntry] = useState<Entry>(undefined);
  const [round, setRound] = useState(0);
  const api = useMemo(() => new Api(key, () => setEntry({ refused: key })), [key]);

  useEffect(() => {
    const abort = new AbortController();
    api.get<CallerForm>("me", {}, abort.signal).then(
      (caller) => {
        keepSessionKey(key);
        setEntry({ caller, skewMs: Date.parse(caller.now) - Date.now() });
      },
      (error: ApiFault) => !abort.signal.aborted && error.status !== 401 && setEntry({ error }),
    );
    return () => abort.abort();
  }, [api, round]);

  const leave = (): void => {
    keepSessionKey(undefined);
    setEntry({ refused: undefined });
    setKey(undefined);
  };
  const enter = (given: string): void => {
    setKey(given);
    setRound((before) => before + 1);
  };
  if (!entry) return null;
  // One that was just given is not known to be wrong yet.
  if ("refused" in entry) return <LoginPage isWrong={key !== undefined && entry.refused === key} enter={enter} />;
  if ("error" in entry) {
    return (
      <main class="lonely">
        <FaultNote error={entry.error} retry={() => setRound((before) => before + 1)} />
      </main>
    );
  }
  return <Shell api={api} caller={entry.caller} skewMs={entry.skewMs} leave={leave} />;
}
