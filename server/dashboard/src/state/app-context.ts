import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Api } from "../api/api.ts";
import type { CallerForm } from "../api/caller.ts";
import type { LiveStatus } from "../api/live-events.ts";

/** A question that is asked before something is done. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly isDangerous?: boolean;
}

/** What every page stands on. */
export interface AppContext {
  readonly api: Api;
  readonly caller: CallerForm;
  /** How far the time of the store is ahead of this machine's, in milliseconds. */
  readonly skewMs: number;
  /** Resolves with whether the user wants it. */
  readonly confirm: (question: Question) => Promise<boolean>;
  /** Tells the user what became of something. */
  readonly notify: (text: string, tone?: "good" | "bad") => void;
  readonly setLive: (status: LiveStatus | undefined) => void;
}

const Context = createContext<AppContext | undefined>(undefined);

/** Gives an application's context to what is in it. */
export const AppProvider = Context.Provider;

/** The context of the application. */
export function useApp(): AppContext {
  const app = useContext(Context);
  if (!app) throw new Error("used outside of the application");
  return app;
}
