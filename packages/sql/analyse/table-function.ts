import { FileFormat, parseType, userError } from '@boathouse/contracts';
import type { Name, Query, TableArgument, TableFunction } from '../ast/index.ts';
import { ident, join, sql } from '../emit/text.ts';
import type { Context } from './context.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import type { FromContext, FromRelation } from './from.ts';
import { generate, generatedRelation, isTableGenerator } from './generator.ts';
import { castTo } from './library.ts';
import { engineColumn } from './relation.ts';
import { routineRelation } from './routine.ts';
import { isSparkFunction } from './routine-names.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import { baseTableRelation, fullName, requireParents, tableNotFound } from './table.ts';
import { tableChanges } from './table-changes.ts';
import type { Typed } from './typed.ts';

type Argument = TableFunction['args'][number];

/** Functions that stand in FROM, by lower-case name. */
const functions: Record<string, (node: TableFunction, context: FromContext) => FromRelation> = {
  range: rangeRelation,
  read_files: readFiles,
  event_log: eventLog,
  table_changes: tableChanges,
};

/** Table functions of Spark and Databricks that do not run here. */
const unsupportedFunctions: ReadonlySet<string> = new Set([
  ...['collations', 'json_tuple', 'sql_keywords', 'python_worker_logs'],
  ...['cloud_files_state', 'read_kafka', 'read_kinesis', 'read_pubsub', 'read_pulsar', 'read_state_metadata'],
  ...['read_statestore', 'remote_query', 'ai_forecast', 'ai_top_drivers', 'vector_search'],
]);

export function tableFunction(node: TableFunction, context: FromContext): FromRelation {
  const name = node.name.parts.map((part) => part.name).join('.');
  const found = Object.hasOwn(functions, name.toLowerCase()) ? functions[name.toLowerCase()] : undefined;
  if (!found && isTableGenerator(name.toLowerCase())) return generatorRelation(name.toLowerCase(), node, context);
  if (!found && !unsupportedFunctions.has(name.toLowerCase())) {
    const routine = routineFrom(node, context);
    if (routine) return routine;
    if (isSparkFunction(name.toLowerCase()))
      throw fail('NOT_A_TABLE_FUNCTION', `${name} gives a value and no rows: it cannot stand in FROM.`, node.range);
    throw fail('UNRESOLVABLE_TABLE_VALUED_FUNCTION', `There is no table function ${name}.`, node.range);
  }
  if (!found) {
    throw fail(
      'UNSUPPORTED_FUNCTION',
      `The table function ${name} is not supported. There are range, read_files, table_changes and event_log.`,
      node.range,
    );
  }
  if (node.stream && name.toLowerCase() !== 'read_files') throw unsupported(`STREAM ${name}(…)`, node.range);
  return found(node, context);
}

/** A SQL function that returns a table: its query with the names and types that it declares. */
function routineFrom(node: TableFunction, context: FromContext): FromRelation | undefined {
  const plain = (argument: Argument): Exclude<Argument, TableArgument> => {
    if (isTable(argument)) throw unsupported('A table as an argument of a SQL function', argument.range);
    return argument;
  };
  const scope = node.lateral ? (context.scope ?? new Scope([])) : new Scope([], context.around);
  const inside: Context = { ...context, scope, clause: 'FROM' };
  const call = {
    name: node.name,
    args: node.args.map(plain),
    named: node.named.map(({ name, value }) => ({ name, value: plain(value) })),
    range: node.range,
  };
  const found = routineRelation(call, inside);
  if (!found) return undefined;
  const alias = context.state.alias('t');
  const session = context.state.expressionSession(context.environment);
  const columns = found.routine.columns!.map((column, index): ScopeColumn => {
    const given = found.query.columns[index]!;
    const value: Typed = { ...given, sql: sql`${alias}.${engineColumn(index)}` };
    const type = parseType(column.type);
    const { sql: text } = castTo(value, type, false, session, node.range);
    return { name: column.name, qualifier: [found.routine.name], type, nullable: true, sql: text };
  });
  return { sql: sql`${node.lateral ? 'LATERAL ' : ''}(${found.query.sql}) AS ${alias}`, columns };
}

/** explode(…) and kin in FROM; behind LATERAL they see the items to their left. */
function generatorRelation(name: string, node: TableFunction, context: FromContext): FromRelation {
  const isInput = name.startsWith('variant_explode') && node.args.length === 0 && node.named.length === 1;
  if (node.named.length && !(isInput && node.named[0]!.name.name.toLowerCase() === 'input'))
    throw unsupported(`Named arguments of ${name}`, node.range);
  const scope = node.lateral ? context.scope : context.around;
  const args = [...node.args, ...node.named.map(({ value }) => value)].map((argument) => {
    if (isTable(argument)) throw unsupported(`A table as an argument of ${name}`, argument.range);
    return analyse(argument, { ...context, scope: new Scope(scope?.columns ?? [], scope?.parent), clause: 'FROM' });
  });
  const session = context.state.expressionSession(context.environment);
  const made = generate({ name, args, session, range: node.range }, false);
  const { sql: text, columns } = generatedRelation(made, context.state);
  return { sql: node.lateral ? sql`LATERAL ${text}` : text, columns };
}

const isTable = (argument: Argument): argument is Extract<Argument, { kind: 'tableArgument' }> =>
  argument.kind === 'tableArgument';

function constantOf(argument: Argument, context: FromContext, what: string): Typed {
  if (isTable(argument)) throw unsupported(`A table as ${what}`, argument.range);
  const typed = analyse(argument, { ...context, scope: new Scope([]), clause: 'FROM' });
  if (!typed.constant) throw unsupported(`${what} that is not a constant`, argument.range, 'Write the value.');
  return typed;
}

/** range(end), range(start, end), range(start, end, step[, partitions]): one bigint column `id`. */
function rangeRelation(node: TableFunction, context: FromContext): FromRelation {
  if (node.named.length) throw unsupported('Named arguments of range', node.range, 'Give them by position.');
  if (node.args.length < 1 || node.args.length > 4) {
    throw fail(
      'WRONG_NUM_ARGS.WITHOUT_SUGGESTION',
      'range takes (end), (start, end), (start, end, step) or these with a number of partitions.',
      node.range,
    );
  }
  const numbers = node.args.map((argument) => {
    if (isTable(argument)) throw unsupported('A table as an argument of range', argument.range);
    const typed = analyse(argument, { ...context, scope: new Scope([]), clause: 'FROM' });
    if ((!typed.constant && !typed.foldable) || typed.name.startsWith('variablereference('))
      throw fail('NON_FOLDABLE_ARGUMENT', 'The arguments of range must be constants.', argument.range);
    if (typed.type.kind === 'void')
      throw fail('UNEXPECTED_INPUT_TYPE', 'An argument of range must be a whole number, not NULL.', argument.range);
    const session = context.state.expressionSession(context.environment);
    return { sql: castTo(typed, { kind: 'bigint' }, false, session, argument.range).sql, constant: typed.constant };
  });
  const [first, second, third] = numbers;
  const zero = third?.constant?.value;
  if (zero === 0n) throw fail('FAILED_FUNCTION_CALL', 'The step of range must not be 0.', node.range);
  const bounds = [
    second ? first!.sql : ['CAST(0 AS BIGINT)'],
    (second ?? first)!.sql,
    third?.sql ?? ['CAST(1 AS BIGINT)'],
  ];
  const alias = context.state.alias('t');
  return {
    sql: sql`range(${join(bounds, ', ')}) AS ${alias}(c0)`,
    columns: [{ name: 'id', qualifier: [], type: { kind: 'bigint' }, nullable: false, sql: sql`${alias}.c0` }],
  };
}

/** `read_files('/Volumes/catalog/schema/volume/…', option => value)`: files of a volume, and of nothing else. */
function readFiles(node: TableFunction, context: FromContext): FromRelation {
  const { state, environment } = context;
  const [pathArgument, ...more] = node.args;
  if (!pathArgument || more.length)
    throw unsupported(
      'read_files with these arguments',
      node.range,
      "Write read_files('/Volumes/…', format => 'csv').",
    );
  if (node.stream && !state.options.streams) {
    throw unsupported(
      'STREAM outside of a pipeline',
      node.range,
      'Streams run in pipelines: use CREATE OR REFRESH STREAMING TABLE.',
    );
  }
  const path = textOf(constantOf(pathArgument, context, 'The path of read_files'), pathArgument.range);
  const options: Record<string, string> = {};
  for (const { name, value } of node.named) {
    const key = name.name.toLowerCase();
    if (key in options)
      throw userError('DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT', `The option ${name.name} is given twice.`);
    options[key] = textOf(constantOf(value, context, `The option ${name.name}`), value.range);
  }
  const { format: written, schema, ...rest } = options;
  const format = written === undefined ? undefined : fileFormat(written, node.range);
  if (schema !== undefined)
    throw unsupported(
      'The option schema of read_files',
      node.range,
      'Leave it out: the schema is read from the files; cast in the query.',
    );
  const location = volumeLocation(path, context, pathArgument.range);
  const answer = state.cache.inferFiles(environment.principal, {
    location,
    shown: path,
    ...(format ? { format } : {}),
    options: rest,
  });
  const index = state.addTable({
    source: 'files',
    location,
    path,
    format: answer.format,
    options: answer.options,
    columns: answer.columns,
    stream: node.stream,
  });
  if (environment.tempViews) state.reads.add(path);
  const alias = state.alias('t');
  const columns = answer.columns.map(
    (column): ScopeColumn => ({
      name: column.name,
      qualifier: [],
      type: parseType(column.type),
      nullable: column.nullable,
      sql: sql`${alias}.${ident(column.name)}`,
      use: () => state.need(index, column.name),
    }),
  );
  return { sql: [{ table: index }, ` AS ${alias}`], columns };
}

function textOf({ constant }: Typed, range: Range): string {
  const { value } = constant!;
  if (value === null) throw unsupported('NULL as an option of read_files', range);
  return String(value);
}

function fileFormat(text: string, range: Range): FileFormat {
  const parsed = FileFormat.safeParse(text.toLowerCase());
  if (parsed.success) return parsed.data;
  throw fail(
    'UNSUPPORTED_FILE_FORMAT',
    `Files of the format "${text}" cannot be read. The formats are ${FileFormat.options.join(', ')}.`,
    range,
  );
}

/** Storage key of a path below a volume that the principal may read. */
function volumeLocation(path: string, context: FromContext, range: Range): string {
  const { state, environment } = context;
  const outside = () =>
    fail(
      'UNSUPPORTED_FILE_PATH',
      `read_files reads files of volumes only, but got "${path}". Upload the files to a volume and write /Volumes/catalog/schema/volume/….`,
      range,
    );
  const [empty, root, catalog, schema, name, ...rest] = path.replace(/^dbfs:(?=\/Volumes\/)/, '').split('/');
  if (empty !== '' || root !== 'Volumes' || !catalog || !schema || !name) throw outside();
  if (rest.some((part, index) => part === '..' || part === '.' || (part === '' && index < rest.length - 1)))
    throw outside();
  const volume = state.cache.volume(environment.principal, catalog, schema, name);
  if (!volume) {
    throw fail(
      'VOLUME_NOT_FOUND',
      `The volume ${catalog}.${schema}.${name} cannot be found, or you may not see it.`,
      range,
    );
  }
  requireParents(state, environment, volume.catalog, volume.schema);
  state.require(environment.principal, {
    kind: 'volume',
    id: volume.id,
    fullName: `${volume.catalog}.${volume.schema}.${volume.name}`,
    privilege: 'READ VOLUME',
  });
  // Files are opened to infer their schema, so the right to read them is checked before that.
  for (const { principal, requirements } of state.requirements()) state.cache.authorised(principal, requirements);
  const tail = rest.join('/');
  const last = rest.at(-1) ?? '';
  const folder = tail === '' || tail.endsWith('/') || !/[.*?[{]/.test(last);
  return `${volume.location}${tail}${folder && tail !== '' && !tail.endsWith('/') ? '/' : ''}`;
}

/** event_log('pipeline id') and event_log(TABLE(t)): what a pipeline wrote about its updates. */
function eventLog(node: TableFunction, context: FromContext): FromRelation {
  const { state, environment } = context;
  const [argument, ...more] = node.args;
  if (!argument || more.length || node.named.length) {
    throw unsupported(
      'event_log with these arguments',
      node.range,
      "Write event_log('pipeline id') or event_log(TABLE(dataset)).",
    );
  }
  const target = isTable(argument)
    ? { table: tableTarget(argument.table, context) }
    : { pipelineId: textOf(constantOf(argument, context, 'The pipeline of event_log'), argument.range) };
  const table = state.cache.eventLog(environment.principal, target);
  if (!table) throw tableNotFound(['event_log', Object.values(target)[0]!], node.range);
  state.require(environment.principal, {
    kind: 'table',
    id: table.id,
    fullName: `${table.catalog}.${table.schema}.${table.name}`,
    privilege: 'SELECT',
  });
  return baseTableRelation(table, {}, context);
}

function tableTarget(table: Name | Query, context: FromContext): string {
  if (!('parts' in table))
    throw unsupported('event_log of a query', table.range, 'Name a table: event_log(TABLE(catalog.schema.t)).');
  return fullName(table, context.environment).join('.');
}
