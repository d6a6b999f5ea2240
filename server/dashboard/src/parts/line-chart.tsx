import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { useTheme } from "../state/theme.ts";

/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** A custom property of the style sheet, such as `--running`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
}

/** What a chart shows. */
interface LineChartProps {
  /** What it shows, in words, for those who do not see it. */
  readonly label: string;
  /** Epoch seconds. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
}

const HEIGHT = 180;

/** Steps between the labels of values: whole ones, since half a millisecond reads as a whole one. */
const STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** Values over time. */
export function LineChart({ label, times, lines, format }: LineChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const { version } = useTheme();
  const shape = lines.map((line) => line.label).join();

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const options = optionsOf(element, lines, format);
    const made = new uPlot(options, dataOf(times, lines), element);
    chart.current = made;
    showLatest(made);
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [shape, version]);
  useEffect(() => {
    chart.current?.setData(dataOf(times, lines));
    if (chart.current) showLatest(chart.current);
  }, [times, lines]);

  return (
    <figure class="chart">
      <figcaption class="visually-hidden">{label}</figcaption>
      <div ref={box} class="chart-box" />
    </figure>
  );
}

/** Where nothing is pointed at, the legend has the latest values. */
function showLatest(chart: uPlot): void {
  if (chart.cursor.idx === null || chart.cursor.idx === undefined)
    chart.setLegend({ idx: chart.data[0].length - 1 }, false);
}

function dataOf(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
}

function optionsOf(element: HTMLElement, lines: readonly Line[], format: (value: number) => string): uPlot.Options {
  const color = colorReader(element);
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      {
        ...axis,
        space: 70,
        values: (_chart, at) => at.map((second) => TIME.format(second * 1000)),
        grid: { show: false },
        size: 26,
      },
      { ...axis, size: 52, space: 36, incrs: STEPS, values: (_chart, values) => values.map(format) },
    ],
    hooks: { setCursor: [showLatest] },
    series: [
      { label: "Time", value: (_chart, second) => (second === null ? "–" : TIME.format(second * 1000)) },
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(line.color),
        width: 1.5,
        points: { show: isLonely, size: 4 },
        spanGaps: true,
        value: (_chart: uPlot, value: number | null) => (value === null ? "–" : format(value)),
        ...(line.isFilled ? { fill: color(line.color, 0.12) } : {}),
        ...(line.isDashed ? { dash: [4, 4] } : {}),
      })),
    ],
  };
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** True when no value stands beside another, so that there is no line to be seen. */
function isLonely(chart: uPlot, seriesIndex: number): boolean {
  const values = chart.data[seriesIndex] ?? [];
  const isThere = (value: number | null | undefined): boolean => value !== null && value !== undefined;
  return !values.some((value, index) => isThere(value) && isThere(values[index + 1]));
}

/** Colours of the style sheet as the canvas understands them. */
function colorReader(element: HTMLElement): (name: string, opacity?: number) => string {
  return (name, opacity = 1) => {
    const probe = element.ownerDocument.createElement("i");
    probe.style.color =
      opacity === 1 ? `var(${name})` : `color-mix(in srgb, var(${name}) ${opacity * 100}%, transparent)`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
