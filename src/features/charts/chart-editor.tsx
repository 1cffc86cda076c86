'use client';
import { ChartAggregation, type ChartSpec, type Column } from '@boathouse/contracts';
import { isNumericType } from '@boathouse/dashboards';
import { Checkbox, Field, Select } from '@/components/field';

const kinds = [
  { value: 'bar', label: 'Bar' },
  { value: 'line', label: 'Line' },
  { value: 'scatter', label: 'Scatter' },
] as const;
const aggregations: Record<ChartAggregation, string> = {
  none: 'None',
  sum: 'Sum',
  avg: 'Average',
  min: 'Minimum',
  max: 'Maximum',
  count: 'Count',
};

/** Picks kind, x, y, colour and aggregation. */
export function ChartEditor({
  spec,
  columns,
  onChange,
}: {
  spec: ChartSpec;
  columns: Column[];
  onChange: (spec: ChartSpec) => void;
}) {
  const names = columns.map((column) => column.name);
  const numbers = columns.filter((column) => isNumericType(column.type));
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Field label="Chart" className="w-24">
        {(ids) => (
          <Select
            {...ids}
            value={spec.kind}
            onChange={(event) => onChange({ ...spec, kind: event.target.value as ChartSpec['kind'] })}
          >
            {kinds.map((kind) => (
              <option key={kind.value} value={kind.value}>
                {kind.label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="x" className="w-36">
        {(ids) => (
          <Select
            {...ids}
            value={spec.x ?? ''}
            onChange={(event) => onChange({ ...spec, x: event.target.value || null })}
          >
            <option value="">Choose</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
      </Field>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 font-medium text-sm">y</legend>
        <div className="flex max-w-xs flex-wrap gap-x-3 gap-y-1">
          {numbers.map((column) => (
            <Checkbox
              key={column.name}
              label={column.name}
              className="min-h-7"
              checked={spec.y.includes(column.name)}
              onChange={(event) =>
                onChange({
                  ...spec,
                  y: event.target.checked ? [...spec.y, column.name] : spec.y.filter((name) => name !== column.name),
                })
              }
            />
          ))}
          {numbers.length === 0 ? <span className="text-muted text-sm">No numbers: count the rows</span> : null}
        </div>
      </fieldset>
      <Field label="Colour" className="w-36">
        {(ids) => (
          <Select
            {...ids}
            value={spec.color ?? ''}
            onChange={(event) => onChange({ ...spec, color: event.target.value || null })}
          >
            <option value="">None</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Aggregation" className="w-32">
        {(ids) => (
          <Select
            {...ids}
            value={spec.aggregation}
            onChange={(event) => onChange({ ...spec, aggregation: ChartAggregation.parse(event.target.value) })}
          >
            {ChartAggregation.options.map((name) => (
              <option key={name} value={name}>
                {aggregations[name]}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}
