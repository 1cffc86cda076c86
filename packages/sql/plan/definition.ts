import type { Column, DataType } from '@boathouse/contracts';
import { definitionText, typeText } from '@boathouse/contracts';
import { fail, quotedName, type Range, unsupported } from '../analyse/errors.ts';
import type { ColumnDefinition, TableClauses } from '../ast/index.ts';

/** Types that no table of ours holds (yet). */
export function checkStorable(type: DataType, column: string, range: Range): void {
  switch (type.kind) {
    case 'array':
      checkStorable(type.element, column, range);
      return;
    case 'map':
      checkStorable(type.key, column, range);
      checkStorable(type.value, column, range);
      return;
    case 'struct':
      for (const field of type.fields) {
        checkStorable(field.type, column, range);
      }
      return;
    // Its comparisons would have to fill up what they compare with.
    case 'char':
    case 'interval':
    case 'calendar_interval':
    case 'variant':
    case 'void':
    case 'time':
      throw fail(
        'UNSUPPORTED_DATATYPE',
        `The column ${quotedName([column])} has the type ${typeText(type)}, which tables cannot hold. Use another type, for example string.`,
        range,
      );
    default:
      return;
  }
}

/** Whether columns are found by ids or physical names: then any character may stand in their names. */
export const isMapped = (properties: Readonly<Record<string, string>>): boolean =>
  Object.entries(properties).some(
    ([key, value]) => key.toLowerCase() === 'delta.columnmapping.mode' && value.toLowerCase() !== 'none',
  );

/** Column names of a new table: unique without case, and without characters that Delta refuses unless it maps names. */
export function checkColumnNames(names: readonly string[], range: Range, mapped = false): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) {
      throw fail(
        'COLUMN_ALREADY_EXISTS',
        `The column ${quotedName([name])} is there twice. Give each column its own name.`,
        range,
      );
    }
    seen.add(name.toLowerCase());
    if (!mapped && /[ ,;{}()\n\t=]/.test(name)) {
      throw fail(
        'DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES',
        `The column name ${quotedName([name])} has one of the characters " ,;{}()\\n\\t=", which tables hold only with the property 'delta.columnMapping.mode' = 'name'. Set it, or give the column another name.`,
        range,
      );
    }
  }
}

export function columnsOf(definitions: readonly ColumnDefinition[]): Column[] {
  return definitions.map((definition) => {
    const { range, type } = definition;
    const name = definition.name.name;
    if (!type) throw fail('PARSE_SYNTAX_ERROR', `The column ${name} needs a type.`, range);
    if (definition.constraints.length) throw unsupported('A constraint of a column other than NOT NULL', range);
    if (definition.mask) throw unsupported('A column mask', range);
    checkStorable(type.type, name, range);
    return {
      name,
      type: definitionText(type.type),
      nullable: !definition.notNull,
      ...(definition.comment === undefined ? {} : { comment: definition.comment }),
    };
  });
}

/** Clauses of a new table: what is not honoured is refused by name. */
export function checkClauses(clauses: TableClauses, range: Range): void {
  const using = clauses.using?.parts
    .map((part) => part.name)
    .join('.')
    .toLowerCase();
  if (using !== undefined && using !== 'delta')
    throw unsupported(`USING ${using.toUpperCase()}`, range, 'Tables are Delta Lake tables: leave USING out.');
  if (clauses.location !== undefined) throw unsupported('LOCATION', range, 'Tables are managed: leave LOCATION out.');
  if (clauses.options.length) throw unsupported('OPTIONS of a table', range);
  if (clauses.unsupported[0]) throw unsupported(clauses.unsupported[0], range);
}

const reserved = new Set(['location', 'provider', 'owner', 'external', 'is_managed_location', 'comment']);

export function propertiesOf(clauses: TableClauses): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const { key, value, range } of clauses.properties) {
    if (reserved.has(key.toLowerCase())) {
      throw fail(
        'UNSUPPORTED_FEATURE.SET_TABLE_PROPERTY',
        `${key} is a reserved table property: use its clause, or leave it out.`,
        range,
      );
    }
    if (value === null) throw unsupported(`The table property ${key} without a value`, range);
    if (key in properties) throw fail('DUPLICATE_KEY', `The table property ${key} is given twice.`, range);
    properties[key] = value;
  }
  return properties;
}

/** Names of the partition columns as the table spells them. */
export function partitionsOf(clauses: TableClauses, columns: readonly Column[], range: Range): string[] {
  const names = clauses.partitionedBy.map((field) => {
    if (field.kind !== 'column' || field.name.parts.length !== 1)
      throw unsupported('PARTITIONED BY other than columns of the table', field.range);
    const wanted = field.name.parts[0]!.name;
    const found = columns.find((column) => column.name.toLowerCase() === wanted.toLowerCase());
    if (!found)
      throw fail(
        'COLUMN_NOT_DEFINED_IN_TABLE',
        `The partition column ${quotedName([wanted])} is no column of the table.`,
        field.range,
      );
    if (/^(array|map|struct|binary)/.test(found.type))
      throw unsupported(`Partitioning by a column of the type ${found.type}`, field.range);
    return found.name;
  });
  if (new Set(names).size !== names.length)
    throw fail('COLUMN_ALREADY_EXISTS', 'A partition column is named twice.', range);
  if (names.length > 0 && names.length === columns.length) {
    throw fail('ALL_PARTITION_COLUMNS_NOT_ALLOWED', 'A table needs a column besides its partition columns.', range);
  }
  return names;
}

/** CLUSTER BY (a, s.b): paths of columns by the table's spelling of their first part. */
export function clusteringOf(clauses: TableClauses, columns: readonly Column[], range: Range): string[][] {
  const { clusterBy } = clauses;
  if (!clusterBy || clusterBy.none) return [];
  if (clusterBy.auto) throw unsupported('CLUSTER BY AUTO', range, 'Name the columns.');
  if (clauses.partitionedBy.length)
    throw fail(
      'SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED',
      'A table is clustered or partitioned, not both.',
      range,
    );
  if (clusterBy.columns.length > 4)
    throw fail('DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS', 'CLUSTER BY takes at most 4 columns.', range);
  return clusterBy.columns.map((name) => {
    const path = name.parts.map((part) => part.name);
    const found = columns.find((column) => column.name.toLowerCase() === path[0]!.toLowerCase());
    if (!found)
      throw fail(
        'UNSUPPORTED_FEATURE.PARTITION_WITH_NESTED_COLUMN_IS_UNSUPPORTED',
        `The clustering column ${quotedName(path)} is no column of the table.`,
        name.range,
      );
    return [found.name, ...path.slice(1)];
  });
}
