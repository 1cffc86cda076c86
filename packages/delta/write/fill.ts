import type { ExpressionCompiler, TableEngine } from '@boathouse/contracts';
import { columnsOf } from '../schema/columns.ts';
import { engineType, identifier } from '../schema/engine.ts';
import { defaultOf, generationOf } from '../schema/expressions.ts';
import { type Identity, identityOf, nextValue, withMark } from '../schema/identity.ts';
import { dataTypeOf } from '../schema/json.ts';
import type { DeltaField } from '../schema/types.ts';
import type { WrittenFile } from '../stats/collect.ts';
import { writeErrors } from './errors.ts';
import type { WriteOptions } from './files.ts';
import type { TableShape } from './shape.ts';
import { isVoid } from './stored.ts';

/** A relation with every column of the table, typed by its schema, and what became of it. */
export interface Filled {
  sql: string;
  /** Columns whose values were computed here. */
  generated: ReadonlySet<string>;
  identities: readonly { field: DeltaField; identity: Identity }[];
}

/** Spark SQL → engine text; a constant (a default) sees no columns. */
export type Compile = (expression: string, isConstant?: boolean) => string;

/** Expressions of a table's metadata over its columns. Throws DELTA_EXPRESSIONS_NOT_SUPPORTED where none can be compiled. */
export function compilerFor(shape: TableShape, compiler: ExpressionCompiler | undefined): Compile {
  const columns = columnsOf(shape.fields).map(({ name, type }) => ({ name, type }));
  return (expression, isConstant = false) => {
    if (!compiler) throw writeErrors.noCompiler(shape.location, expression);
    return compiler.compile(expression, isConstant ? [] : columns);
  };
}

/** Whether columns that are missing could be anything but NULL, or a given one be refused. */
const isSpecial = (field: DeltaField): boolean =>
  generationOf(field) !== null || defaultOf(field) !== null || identityOf(field) !== null;

/**
 * Columns that the relation lacks get their default (PROTOCOL.md "Default Columns"), identity value or NULL, then generated
 * columns are computed from the others. Everything is cast to the table's types, so that expressions see those.
 */
export async function filled(
  engine: TableEngine,
  shape: TableShape,
  relationSql: string,
  options: WriteOptions,
  compile: Compile,
): Promise<Filled> {
  const asks = options.fill ?? shape.fields.some(isSpecial);
  const given = asks ? await columnNames(engine, relationSql, options.given) : null;
  const has = (field: DeltaField) => given === null || given.has(field.name.toLowerCase());
  const identities: { field: DeltaField; identity: Identity }[] = [];
  const computed: DeltaField[] = [];
  const columns = shape.fields.flatMap((field) => {
    const name = identifier(field.name);
    const cast = (value: string) => `CAST(${value} AS ${engineType(field.type, field.name)}) AS ${name}`;
    const identity = identityOf(field);
    if (isVoid(field)) return [`NULL AS ${name}`];
    if (has(field)) {
      const isChecked = options.check !== false && options.explicitIdentity !== true;
      if (identity && given !== null && isChecked && !identity.allowExplicitInsert)
        throw writeErrors.explicitIdentity(field.name);
      return [cast(options.check === false ? name : padded(field, name))];
    }
    if (identity) {
      identities.push({ field, identity });
      const first = nextValue(identity);
      if (BigInt.asIntN(64, first) !== first) throw writeErrors.identityOverflow(field.name);
      return [cast(`${first} + (row_number() OVER () - 1) * (${identity.step})`)];
    }
    if (generationOf(field) !== null) {
      computed.push(field);
      return [];
    }
    const expression = defaultOf(field);
    return [cast(expression === null ? 'NULL' : compile(expression, true))];
  });
  const extra = (options.extraColumns ?? []).map(
    ({ name, type }) => `CAST(${identifier(name)} AS ${type}) AS ${identifier(name)}`,
  );
  const inner = `SELECT ${[...columns, ...extra].join(', ')} FROM (${relationSql}) AS source`;
  const generated = new Set(computed.map((field) => field.name));
  if (!computed.length) return { sql: inner, generated, identities };
  const more = computed.map((field) => {
    const value = compile(generationOf(field) ?? 'NULL');
    return `CAST(${value} AS ${engineType(field.type, field.name)}) AS ${identifier(field.name)}`;
  });
  return { sql: `SELECT *, ${more.join(', ')} FROM (${inner}) AS filled`, generated, identities };
}

/** char(n) keeps its values with blanks up to n characters. Longer ones are refused by their check. */
function padded(field: DeltaField, value: string): string {
  const type = dataTypeOf(field);
  if (type.kind !== 'char') return value;
  return `CASE WHEN length(${value}) < ${type.length} THEN rpad(${value}, ${type.length}, ' ') ELSE ${value} END`;
}

/** Names of a relation's columns in lower case. */
async function columnNames(
  engine: TableEngine,
  relationSql: string,
  known: readonly string[] | undefined,
): Promise<Set<string>> {
  if (known) return new Set(known.map((name) => name.toLowerCase()));
  const rows = await engine.rows(`DESCRIBE SELECT * FROM (${relationSql}) AS source`);
  return new Set(rows.map((row) => String(row.column_name).toLowerCase()));
}

/** The schema after a write that gave out identity values, or undefined where it did not. */
export function advancedFields(
  shape: TableShape,
  { identities }: Filled,
  written: readonly WrittenFile[],
  nameOf: (field: DeltaField) => string,
): DeltaField[] | undefined {
  if (!identities.length || !written.length) return undefined;
  return shape.fields.map((field) => {
    const found = identities.find((one) => one.field === field);
    if (!found) return field;
    const marks = written.flatMap((file) => {
      const leaf = file.leaves.get(nameOf(field));
      const bound = found.identity.step > 0n ? leaf?.max : leaf?.min;
      return bound === null || bound === undefined ? [] : [BigInt(bound)];
    });
    const last = marks.reduce(
      (a, b) => ((found.identity.step > 0n ? b > a : b < a) ? b : a),
      nextValue(found.identity),
    );
    return withMark(field, found.identity, last);
  });
}
