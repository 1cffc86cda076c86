'use client';
import type { PreparedChart } from '@boathouse/dashboards';
import { ChartNoAxesColumn } from 'lucide-react';
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { EmptyState } from '@/components/states';
import { formatCount } from '@/lib/format';

const colours = Array.from({ length: 10 }, (_, index) => `var(--chart-${index + 1})`);
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 });
const axis = { stroke: 'var(--line-strong)', tick: { fill: 'var(--muted)', fontSize: 11 }, tickLine: false } as const;

const threeYearsMs = 3 * 365 * 86_400_000;

/** The beginnings of years between two times, at most a dozen of them at whole distances. */
function yearStarts(firstMs: number, lastMs: number): number[] {
  const from = new Date(firstMs).getFullYear();
  const to = new Date(lastMs).getFullYear();
  const step = [1, 2, 5, 10, 20, 50, 100].find((years) => (to - from) / years <= 12) ?? 500;
  const starts: number[] = [];
  for (let year = Math.ceil(from / step) * step; year <= to; year += step) {
    const at = new Date(year, 0, 1).getTime();
    if (at >= firstMs && at <= lastMs) starts.push(at);
  }
  return starts;
}

/** A time on an axis: the finer the span, the finer the text. Marks lie half a month apart up to about eight months. */
function timeTick(spanMs: number) {
  const options: Intl.DateTimeFormatOptions =
    spanMs > threeYearsMs
      ? { year: 'numeric' }
      : spanMs > 240 * 86_400_000
        ? { month: 'short', year: '2-digit' }
        : spanMs > 2 * 86_400_000
          ? { day: 'numeric', month: 'short' }
          : { hour: '2-digit', minute: '2-digit' };
  const format = new Intl.DateTimeFormat('en-GB', options);
  return (value: number) => format.format(value);
}

const timeLabel = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Draws what `prepareChart` made. Nothing moves when data arrives; what was cut is said below. */
export function ChartView({
  chart,
  height = 300,
  label,
}: {
  chart: PreparedChart;
  height?: number | '100%';
  label: string;
}) {
  if (chart.problem) return <EmptyState icon={ChartNoAxesColumn} title={chart.problem} />;
  const data = chart.points.map((point) => ({ x: point.x, label: point.label, ...point.values }));
  const first = chart.points[0]?.x;
  const last = chart.points.at(-1)?.x;
  const span = chart.xScale === 'time' ? Number(last) - Number(first) : 0;
  const xText =
    chart.xScale === 'time'
      ? timeTick(span)
      : chart.xScale === 'number'
        ? (value: number) => compact.format(value)
        : undefined;
  const labelText = (value: unknown) =>
    chart.xScale === 'time'
      ? timeLabel.format(Number(value))
      : chart.xScale === 'number'
        ? exact.format(Number(value))
        : String(value);
  const years = span > threeYearsMs ? yearStarts(Number(first), Number(last)) : null;
  const x = (
    <XAxis
      dataKey="x"
      {...axis}
      {...(chart.xScale === 'category'
        ? { interval: 'preserveStartEnd' as const, minTickGap: 8 }
        : {
            type: 'number' as const,
            domain: ['dataMin', 'dataMax'] as const,
            scale: chart.xScale === 'time' ? ('time' as const) : ('linear' as const),
            minTickGap: 24,
            // A mark on each beginning of a year, so that no year stands there twice.
            ...(years ? { ticks: years } : {}),
          })}
      {...(xText ? { tickFormatter: xText } : {})}
    />
  );
  const y = <YAxis {...axis} width={56} tickFormatter={(value: number) => compact.format(value)} />;
  const grid = <CartesianGrid stroke="var(--line)" vertical={false} />;
  const tooltip = (
    <Tooltip
      isAnimationActive={false}
      cursor={{ fill: 'var(--sunken)', stroke: 'var(--line-strong)' }}
      contentStyle={{
        background: 'var(--surface)',
        border: '1px solid var(--line-strong)',
        borderRadius: 6,
        fontSize: 12,
        color: 'var(--text)',
      }}
      itemStyle={{ color: 'var(--text)' }}
      labelFormatter={labelText}
      formatter={(value) => (typeof value === 'number' ? exact.format(value) : String(value))}
    />
  );
  const legend = chart.series.length > 1 ? <Legend wrapperStyle={{ fontSize: 12 }} iconType="plainline" /> : null;
  const margin = { top: 12, right: 20, bottom: 4, left: 0 };
  const drawn =
    chart.kind === 'line' ? (
      <LineChart data={data} margin={margin} accessibilityLayer>
        {grid}
        {x}
        {y}
        {tooltip}
        {legend}
        {chart.series.map((series, index) => (
          <Line
            key={series.key}
            dataKey={series.key}
            name={series.label}
            stroke={colours[index]!}
            strokeWidth={1.75}
            dot={data.length < 40 ? { r: 2 } : false}
            connectNulls={false}
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    ) : chart.kind === 'scatter' ? (
      <ScatterChart margin={margin} accessibilityLayer>
        <CartesianGrid stroke="var(--line)" />
        {x}
        {y}
        {tooltip}
        {legend}
        {chart.series.map((series, index) => (
          <Scatter
            key={series.key}
            name={series.label}
            data={data.filter((point) => point[series.key as keyof typeof point] !== null)}
            dataKey={series.key}
            fill={colours[index]!}
            fillOpacity={0.7}
            isAnimationActive={false}
          />
        ))}
      </ScatterChart>
    ) : (
      <BarChart data={data} margin={margin} accessibilityLayer>
        {grid}
        {x}
        {y}
        {tooltip}
        {legend}
        {chart.series.map((series, index) => (
          <Bar
            key={series.key}
            dataKey={series.key}
            name={series.label}
            fill={colours[index]!}
            radius={[2, 2, 0, 0]}
            maxBarSize={64}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    );
  return (
    <figure className="m-0 flex h-full flex-col" aria-label={label}>
      <div style={{ height }} className={height === '100%' ? 'min-h-0 flex-1' : undefined}>
        <ResponsiveContainer width="100%" height="100%">
          {drawn}
        </ResponsiveContainer>
      </div>
      {chart.cut ? (
        <figcaption className="px-3 pb-1.5 text-muted text-xs">
          {formatCount(chart.cut.shown)} of {formatCount(chart.cut.total)} {chart.cut.of} drawn. Aggregate in the query
          to see all of it.
        </figcaption>
      ) : null}
    </figure>
  );
}
