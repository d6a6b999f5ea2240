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
  /** The key that does not let in, and why; undefined where none was given. */
  | { readonly refused: string | undefined; readonly why: string }
  | { readonly error: ApiFault }
  | undefined;

const UNKNOWN_KEY = "The server does not know this key.";

/** The dashboard: asks for a key where the server does, and shows the pages. */
export function App(): JSX.Element | null {
  const [key, setKey] = useState(sessionKey);
  const [entry, setEntry] = useState<Entry>(undefined);
  const [round, setRound] = useState(0);
  const api = useMemo(() => new Api(key, () => setEntry({ refused: key, why: UNKNOWN_KEY })), [key]);

  useEffect(() => {
    const abort = new AbortController();
    api.get<CallerForm>("me", {}, abort.signal).then(
      (caller) => {
        keepSessionKey(key);
        setEntry({ caller, skewMs: Date.parse(caller.now) - Date.now() });
      },
      (error: ApiFault) => {
        if (abort.signal.aborted || error.status === 401) return;
        const isTooLittle = error.status === 403 && key !== undefined; // such as one that may read metrics alone
        setEntry(isTooLittle ? { refused: key, why: `This key is not enough: ${error.message}.` } : { error });
      },
    );
    return () => abort.abort();
  }, [api, round]);

  const leave = (): void => {
    keepSessionKey(undefined);
    setEntry({ refused: undefined, why: "" });
    setKey(undefined);
  };
  const enter = (given: string): void => {
    setKey(given);
    setRound((before) => before + 1);
  };
  if (!entry) return null;
  // One that was just given is not known to be wrong yet.
  if ("refused" in entry) {
    const { refused, why } = entry;
    return <LoginPage fault={key !== undefined && refused === key ? why : undefined} enter={enter} />;
  }
  if ("error" in entry) {
    return (
      <main class="lonely">
        <FaultNote error={entry.error} retry={() => setRound((before) => before + 1)} />
      </main>
    );
  }
  return <Shell api={api} caller={entry.caller} skewMs={entry.skewMs} leave={leave} />;
}
