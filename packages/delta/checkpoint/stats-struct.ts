import { identifier, leafType, literal } from '../schema/engine.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { type IndexedColumns, indexedColumns, isIndexed } from '../stats/indexed.ts';

/** PROTOCOL.md "Checkpoint Schema": the types of `stats_parsed` and `partitionValues_parsed`, from the table's schema. */

/** Columns of structs: a leaf is an engine type, or null where it has no bounds. */
type Shape = Map<string, string | null | Shape>;

/** Decimals of more digits lose some on their way through the engine's JSON: better no bound than a wrong one. */
const EXACT_DIGITS = 15;

/** Types whose columns have a smallest and a greatest value in statistics. */
const bounded: ReadonlySet<string> = new Set([
  ...['tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'decimal'],
  ...['string', 'char', 'varchar', 'date', 'timestamp', 'timestamp_ntz'],
]);

function boundType(field: DeltaField): string | null {
  if (field.type.kind !== 'leaf') return null;
  const { type } = field.type;
  if (!bounded.has(type.kind) || (type.kind === 'decimal' && type.precision > EXACT_DIGITS)) return null;
  return leafType(type, field.name);
}

export interface TableColumns {
  fields: readonly DeltaField[];
  metadata: { partitionColumns: readonly string[]; configuration: Readonly<Record<string, string>> };
}

function shapes({ fields, metadata }: TableColumns): { bounds: Shape; nulls: Shape } {
  const mode = mappingMode(metadata.configuration);
  const data = fields.filter(({ name }) => !metadata.partitionColumns.includes(name));
  const budget = { ...indexedColumns(metadata) };
  const nameOf = (field: DeltaField) => physicalName(field, mode);
  return collect(data, [], budget, nameOf);
}

function collect(
  fields: readonly DeltaField[],
  path: readonly string[],
  budget: IndexedColumns,
  nameOf: (field: DeltaField) => string,
): { bounds: Shape; nulls: Shape } {
  const bounds: Shape = new Map();
  const nulls: Shape = new Map();
  for (const field of fields) {
    const name = nameOf(field);
    const own = [...path, field.name];
    if (field.type.kind === 'struct') {
      const inner = collect(field.type.fields, own, budget, nameOf);
      if (inner.bounds.size) bounds.set(name, inner.bounds);
      if (inner.nulls.size) nulls.set(name, inner.nulls);
      continue;
    }
    if (budget.named ? !isIndexed(budget, own) : budget.count <= 0) continue;
    budget.count--;
    if (field.type.kind === 'leaf' && field.type.type.kind === 'void') continue;
    nulls.set(name, 'BIGINT');
    const type = boundType(field);
    if (type) bounds.set(name, type);
  }
  return { bounds, nulls };
}

/** A structure as `from_json` takes it: the leaves hold the engine's types. */
const structure = (shape: Shape): object =>
  Object.fromEntries([...shape].map(([name, inner]) => [name, inner instanceof Map ? structure(inner) : inner]));

/**
 * Engine expression: JSON statistics as a struct with the table's types. Values that do not fit become NULL: an unknown bound is right, if of no use.
 */
export function statsStruct(table: TableColumns, stats: string): string {
  const { bounds, nulls } = shapes(table);
  const whole = {
    numRecords: 'BIGINT',
    ...(bounds.size ? { minValues: structure(bounds), maxValues: structure(bounds) } : {}),
    ...(nulls.size ? { nullCount: structure(nulls) } : {}),
    tightBounds: 'BOOLEAN',
  };
  return `TRY(from_json(${stats}, ${literal(JSON.stringify(whole))}))`;
}

/** Every leaf that `statsStruct` gives, as an engine expression below `parsed`. */
export function structLeaves(table: TableColumns, parsed: string): string[] {
  const { bounds, nulls } = shapes(table);
  const leaves = (value: string, shape: Shape): string[] =>
    [...shape].flatMap(([name, inner]) =>
      inner instanceof Map ? leaves(`${value}.${identifier(name)}`, inner) : [`${value}.${identifier(name)}`],
    );
  return [
    `${parsed}.numRecords`,
    ...leaves(`${parsed}.minValues`, bounds),
    ...leaves(`${parsed}.maxValues`, bounds),
    ...leaves(`${parsed}.nullCount`, nulls),
  ];
}

/** Engine expression: the same as `statsStruct` from a struct that has all of the leaves. */
export function castStruct(table: TableColumns, parsed: string, hasTightBounds: boolean): string {
  const { bounds, nulls } = shapes(table);
  const cast = (value: string, shape: Shape): string =>
    `{${[...shape]
      .map(([name, inner]) => {
        const own = `${value}.${identifier(name)}`;
        return `${literal(name)}: ${inner instanceof Map ? cast(own, inner) : `TRY_CAST(${own} AS ${inner})`}`;
      })
      .join(', ')}}`;
  const members = [
    `'numRecords': TRY_CAST(${parsed}.numRecords AS BIGINT)`,
    ...(bounds.size ? ['minValues', 'maxValues'].map((name) => `'${name}': ${cast(`${parsed}.${name}`, bounds)}`) : []),
    ...(nulls.size ? [`'nullCount': ${cast(`${parsed}.nullCount`, nulls)}`] : []),
    `'tightBounds': ${hasTightBounds ? `${parsed}.tightBounds` : 'NULL'}::BOOLEAN`,
  ];
  return `{${members.join(', ')}}`;
}

/** Engine expression: partition values with their types, or null where a text does not say its value in full. */
export function partitionStruct({ fields, metadata }: TableColumns, values: string): string | null {
  const mode = mappingMode(metadata.configuration);
  const members: string[] = [];
  for (const name of metadata.partitionColumns) {
    const field = fields.find((candidate) => candidate.name === name);
    if (field?.type.kind !== 'leaf') return null;
    const { kind } = field.type.type;
    const type = bounded.has(kind) || kind === 'boolean' ? leafType(field.type.type, field.name) : null;
    // Which instant a time is that says no zone, only its writer knew.
    if (!type || kind === 'timestamp') return null;
    const physical = physicalName(field, mode);
    members.push(`${literal(physical)}: TRY_CAST(nullif(${values}[${literal(physical)}], '') AS ${type})`);
  }
  return members.length ? `{${members.join(', ')}}` : null;
}

/** Engine expression: what `statsStruct` gave as JSON text in the form of commits. */
export function statsJson(table: TableColumns, parsed: string): string {
  const { bounds, nulls } = shapes(table);
  const members = [
    `'numRecords': ${parsed}.numRecords`,
    ...(bounds.size
      ? ['minValues', 'maxValues'].map((name) => `${literal(name)}: ${packed(`${parsed}.${name}`, bounds)}`)
      : []),
    ...(nulls.size ? [`'nullCount': ${packed(`${parsed}.nullCount`, nulls)}`] : []),
    `'tightBounds': ${parsed}.tightBounds`,
  ];
  return `to_json({${members.join(', ')}})::VARCHAR`;
}

function packed(value: string, shape: Shape): string {
  const members = [...shape].map(([name, inner]) => {
    const own = `${value}.${identifier(name)}`;
    if (inner instanceof Map) return `${literal(name)}: ${packed(own, inner)}`;
    if (inner === 'TIMESTAMP WITH TIME ZONE')
      return `${literal(name)}: strftime(${own} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;
    if (inner === 'TIMESTAMP') return `${literal(name)}: strftime(${own}, '%Y-%m-%dT%H:%M:%S.%g')`;
    return `${literal(name)}: ${own}`;
  });
  return `{${members.join(', ')}}`;
}
