import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/pages.css";
import { App } from "./app.tsx";
import { restoreTheme } from "./state/theme.ts";

restoreTheme();
render(<App />, document.getElementById("app") as HTMLElement);
