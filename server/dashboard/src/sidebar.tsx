import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CallerForm, ModuleName } from "./api/caller.ts";
import type { LiveStatus } from "./api/live-events.ts";
import { Icon, type IconName } from "./parts/icon.tsx";
import { type Place, placeHref } from "./routing/location.ts";
import { setTheme, THEMES, useTheme } from "./state/theme.ts";

/** A page that one can go to. */
interface Entry {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  /** It is there when the server was given this. */
  readonly module?: ModuleName;
}

const ENTRIES: readonly Entry[] = [
  { path: "", name: "Overview", icon: "overview" },
  { path: "jobs", name: "Jobs", icon: "jobs" },
  { path: "dead-letters", name: "Dead letters", icon: "dead" },
  { path: "workflows", name: "Workflows", icon: "workflows", module: "workflows" },
  { path: "schedules", name: "Schedules", icon: "schedules", module: "schedules" },
  { path: "bundles", name: "Bundles", icon: "bundles", module: "bundles" },
];

/** Where one can go; who one is; whether what is shown is live. */
export function Sidebar({
  place,
  caller,
  live,
  leave,
}: {
  readonly place: Place;
  readonly caller: CallerForm;
  readonly live: LiveStatus | undefined;
  readonly leave: () => void;
}): JSX.Element {
  const [current = ""] = place.path;
  const nav = useRef<HTMLElement>(null);
  // On a narrow screen not all of the pages fit side by side.
  useEffect(() => {
    const link = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (nav.current && link)
      nav.current.scrollLeft = link.offsetLeft - (nav.current.clientWidth - link.offsetWidth) / 2;
  }, [current]);
  return (
    <header class="sidebar">
      <a class="brand" href={placeHref([])}>
        jobq
      </a>
      <nav ref={nav} class="nav" aria-label="Pages">
        {ENTRIES.filter(({ module }) => !module || caller.modules.includes(module)).map(({ path, name, icon }) => (
          <a
            key={path}
            class="nav-link"
            href={placeHref(path === "" ? [] : [path])}
            aria-current={current === path ? "page" : undefined}
          >
            <Icon name={icon} />
            {name}
          </a>
        ))}
      </nav>
      <div class="sidebar-foot">
        <LiveMark live={live} />
        <ThemeButton />
        {caller.access === "keys" && (
          <div class="who">
            <span class="who-name" title={`${caller.name}, ${caller.role}`}>
              {caller.name} <span class="muted">{caller.role}</span>
            </span>
            <button type="button" class="icon-button" aria-label="Sign out" title="Sign out" onClick={leave}>
              <Icon name="out" />
            </button>
          </div>
        )}
      </div>
    </header>
  );
}

function LiveMark({ live: latest }: { readonly live: LiveStatus | undefined }): JSX.Element {
  const live = useSettled(latest);
  return (
    <span class={`live live-${live ?? "off"}`} role="status">
      {live && <span class="dot" aria-hidden="true" />}
      {live && (live === "live" ? "Live" : "Connecting")}
    </span>
  );
}

/** The value, once it has been the same for a second: from page to page the connection is made anew, which is no news. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 1000);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function ThemeButton(): JSX.Element {
  const { theme } = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      class="ghost-button"
      onClick={() => setTheme(next)}
      aria-label={`Theme: ${theme}. Change to ${next}`}
    >
      <Icon name="theme" />
      <span class="theme-name">{theme}</span>
    </button>
  );
}
