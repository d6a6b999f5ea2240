import { useEffect, useState } from "preact/hooks";

/** The looks there are; `system` follows the machine's. */
export const THEMES = ["system", "light", "dark"] as const;

/** A look. */
export type Theme = (typeof THEMES)[number];

const STORED = "jobq.theme";
const changes = new EventTarget();

function storedTheme(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(STORED)) ?? "system";
  } catch {
    return "system"; // storage that is not allowed
  }
}

/** Gives the page a look, and keeps it for the next visit. */
export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(STORED, theme);
  } catch {
    // It is the look until the page is left.
  }
  changes.dispatchEvent(new Event("change"));
}

/** Gives the page the look of the last visit. */
export function restoreTheme(): void {
  document.documentElement.dataset.theme = storedTheme();
}

/** The chosen look, and a number that changes whenever the colours do. */
export function useTheme(): { readonly theme: Theme; readonly version: number } {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const changed = (): void => setVersion((before) => before + 1);
    changes.addEventListener("change", changed);
    system.addEventListener("change", changed);
    return () => {
      changes.removeEventListener("change", changed);
      system.removeEventListener("change", changed);
    };
  }, []);
  return { theme: (document.documentElement.dataset.theme as Theme | undefined) ?? "system", version };
}
