import { fail, unsupported } from '../analyse/errors.ts';
import { isSparkFunction } from '../analyse/routine-names.ts';
import type { Call, Expression, Name, TableFunction } from '../ast/index.ts';
import { lookupRoutine } from '../functions/index.ts';

/** Functions of Spark that reach past the data of the query: other code, files, and names of Spark's own session. */
const withheld = new Map(
  Object.entries({
    java_method: 'it calls code of the server',
    reflect: 'it calls code of the server',
    try_reflect: 'it calls code of the server',
    from_protobuf: 'it reads files of the server',
    to_protobuf: 'it reads files of the server',
    current_path: 'Spark would tell the path of its own session',
    python_worker_logs: 'it tells of other queries',
    table_changes_by_path: "it reads a path. Write table_changes('catalog.schema.table', 0)",
  }),
);

/** Functions of Spark that stand in FROM and make rows of their arguments alone. */
const tableFunctions = new Set(
  'explode explode_outer posexplode posexplode_outer inline inline_outer stack json_tuple range variant_explode variant_explode_outer sql_keywords collations'.split(
    ' ',
  ),
);

/**
 * Lets a call through to Spark: built-in functions without a reach past their arguments. Throws UNSUPPORTED_FUNCTION and
 * UNRESOLVED_ROUTINE.
 */
export function checkCall(node: Pick<Call, 'name' | 'args' | 'range'>): void {
  const name = builtIn(node.name);
  const why = withheld.get(name);
  if (why) throw withheldError(name, why, node.range);
  if (!isSparkFunction(name) && !lookupRoutine(name)) {
    throw fail('UNRESOLVED_ROUTINE', `Cannot resolve the routine \`${name}\`: Spark has none.`, node.range);
  }
  if (name === 'from_xml' || name === 'schema_of_xml') checkXmlOptions(name, node.args.slice(-1)[0]);
}

/** False for functions that no text for an attached Spark may call. */
export const isOpenToSpark = (name: string): boolean => !withheld.has(name);

/** The same for a function in FROM; false where it is none of Spark's own but one of the workspace. */
export function isSparkTableFunction(node: TableFunction): boolean {
  const name = builtIn(node.name);
  const why = withheld.get(name);
  if (why) throw withheldError(name, why, node.range);
  return tableFunctions.has(name);
}

function builtIn({ parts, range }: Name): string {
  if (parts.length === 1) return parts[0]!.name.toLowerCase();
  const written = parts.map((part) => part.name).join('.');
  throw fail('UNSUPPORTED_FUNCTION', `The function ${written} is not supported on an attached Spark.`, range);
}

const withheldError = (name: string, why: string, range: Name['range']) =>
  fail('UNSUPPORTED_FUNCTION', `The function ${name} is not supported on an attached Spark: ${why}.`, range);

/** One of its options names a file of the server: options are literals, and that one is none of them. */
function checkXmlOptions(name: string, options: Expression | undefined): void {
  if (options?.kind !== 'call' || !/^(map|named_struct|struct)$/i.test(options.name.parts.at(-1)!.name)) return;
  for (const [index, key] of options.args.entries()) {
    if (index % 2) continue;
    if (key.kind !== 'string' || key.value.toLowerCase() === 'rowvalidationxsdpath')
      throw unsupported(`This option of ${name} on an attached Spark`, key.range, 'Write other options as literals.');
  }
}
