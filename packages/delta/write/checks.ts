import { BoathouseError, typeText } from '@boathouse/contracts';
import { deltaErrors } from '../errors.ts';
import { engineType, identifier, literal } from '../schema/engine.ts';
import { constraintsOf, generationOf, invariantsOf } from '../schema/expressions.ts';
import { dataTypeOf } from '../schema/json.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';
import { writeErrors } from './errors.ts';
import type { Compile } from './fill.ts';
import type { TableShape } from './shape.ts';

/** What must not be true of a row. `failed` is an engine expression that is true or false, never NULL. */
export interface Check {
  failed: string;
  /** Columns whose values the error tells. */
  columns: readonly string[];
  error: (values: string) => BoathouseError;
}

const MARK = 'boathouse check';

/** Every rule of a table that its rows can break, but NOT NULL of plain columns, which the written statistics tell. */
export function checksOf(shape: TableShape, generated: ReadonlySet<string>, compile: Compile): Check[] {
  const names = shape.fields.map(({ name }) => name);
  const rule = (what: string, expression: string, compiled: string): Check => ({
    // As in Spark, a constraint that is NULL is broken too.
    failed: `(${compiled}) IS NOT TRUE`,
    columns: names.filter((name) => mentions(compiled, name)),
    error: (values) => writeErrors.violated(what, expression, values),
  });
  return [
    ...shape.fields.flatMap(nullChecks),
    ...shape.fields.flatMap(lengthCheck),
    ...invariantsOf(shape.fields, shape.location).map(({ name, expression }) =>
      rule(name, expression, compile(expression)),
    ),
    ...constraintsOf(shape.configuration).map(({ name, expression }) =>
      rule(`CHECK constraint ${name}`, expression, compile(expression)),
    ),
    ...shape.fields.flatMap((field) => {
      const expression = generationOf(field);
      if (expression === null || generated.has(field.name)) return [];
      const computed = `CAST(${compile(expression)} AS ${engineType(field.type, field.name)})`;
      const check = rule('Generated Column', `${field.name} <=> ${expression}`, computed);
      const failed = `${identifier(field.name)} IS DISTINCT FROM ${computed}`;
      return [{ ...check, columns: [field.name, ...check.columns], failed }];
    }),
  ];
}

/** Whether engine text of an expression uses a column. */
export const mentions = (compiled: string, name: string): boolean =>
  compiled.toLowerCase().includes(identifier(name).toLowerCase());

function nullChecks(field: DeltaField): Check[] {
  const name = identifier(field.name);
  const own =
    field.nullable || field.type.kind === 'leaf'
      ? []
      : [{ failed: `${name} IS NULL`, columns: [], error: () => deltaErrors.notNull(field.name) }];
  const inner = brokenInside(name, field.type, field.name, 0).map(({ failed, path }) => ({
    failed: `coalesce(${failed}, false)`,
    columns: [],
    error: () => deltaErrors.notNull(path),
  }));
  return [...own, ...inner];
}

/** NULLs where a nested type has none. As in Spark, a NULL struct breaks the NOT NULL of its fields. */
function brokenInside(value: string, type: DeltaType, path: string, depth: number): { failed: string; path: string }[] {
  const item = `n${depth}`;
  const any = (list: string, elementPath: string, element: DeltaType, hasNulls: boolean) => {
    const inner = brokenInside(item, element, elementPath, depth + 1);
    if (!hasNulls) inner.unshift({ failed: `${item} IS NULL`, path: elementPath });
    return inner.map((one) => ({
      failed: `len(list_filter(${list}, lambda ${item}: ${one.failed})) > 0`,
      path: one.path,
    }));
  };
  switch (type.kind) {
    case 'leaf':
      return [];
    case 'struct':
      return type.fields.flatMap((field) => {
        const inner = `(${value}).${identifier(field.name)}`;
        const innerPath = `${path}.${field.name}`;
        const own = field.nullable ? [] : [{ failed: `${inner} IS NULL`, path: innerPath }];
        return [...own, ...brokenInside(inner, field.type, innerPath, depth)];
      });
    case 'array':
      return any(value, `${path}.element`, type.element, type.containsNull);
    case 'map':
      return [
        ...any(`map_keys(${value})`, `${path}.key`, type.key, true),
        ...any(`map_values(${value})`, `${path}.value`, type.value, type.valueContainsNull),
      ];
  }
}

/** char(n) and varchar(n) are strings with a length that the schema keeps beside the type. */
function lengthCheck(field: DeltaField): Check[] {
  const type = dataTypeOf(field);
  if (type.kind !== 'char' && type.kind !== 'varchar') return [];
  return [
    {
      failed: `coalesce(length(${identifier(field.name)}) > ${type.length}, false)`,
      columns: [],
      error: () => writeErrors.tooLong(field.name, typeText(type)),
    },
  ];
}

/** Engine expression that is `value`, or an error that `checkError` reads where a check fails. */
export function guarded(value: string, checks: readonly Check[]): string {
  if (!checks.length) return value;
  const cases = checks.map(({ failed, columns }, index) => {
    const values = columns.map(
      (column) => `${literal(` - ${column} : `)} || coalesce(CAST(${identifier(column)} AS VARCHAR), 'NULL')`,
    );
    const text = [literal(`${MARK} ${index}:`), ...(values.length ? [values.join(' || chr(10) || ')] : [])];
    return `WHEN ${failed} THEN error(${text.join(' || ')})`;
  });
  return `CASE ${cases.join(' ')} ELSE ${value} END`;
}

/**
 * The typed error of a check that failed in the engine, or null for other failures. An engine that types its own errors
 * keeps the text of one that it does not know as the detail.
 */
export function checkError(error: unknown, checks: readonly Check[]): BoathouseError | null {
  const own = error instanceof BoathouseError ? error.detail : undefined;
  const text = own ?? (error instanceof Error ? error.message : '');
  const found = new RegExp(`${MARK} (\\d+):([\\s\\S]*)`).exec(text);
  return found ? (checks[Number(found[1])]?.error(found[2]!.trimEnd()) ?? null) : null;
}
