import type { SqlVariable, VariableTarget } from '@boathouse/contracts';
import { parseType, typeText } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import { holdsAggregate, holdsWindow } from '../analyse/inspect.ts';
import { analyseQuery } from '../analyse/query.ts';
import type { AnalysedQuery } from '../analyse/relation.ts';
import { engineColumn } from '../analyse/relation.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Typed } from '../analyse/typed.ts';
import { typedNull } from '../analyse/value.ts';
import { findVariable, isSession } from '../analyse/variable.ts';
import type { DeclareVariable, DropVariable, Expression, Name, Query, SelectItem, SetVariable } from '../ast/index.ts';
import { walk } from '../ast/index.ts';
import { join, sql } from '../emit/text.ts';
import { parseExpression } from '../parser/index.ts';
import { cast } from '../types/index.ts';
import { partsOf } from './names.ts';
import { nothing, type Planned, resultQuery } from './planned.ts';

/** DECLARE: at the top of a block of a script a variable of that block, elsewhere one of the session. */
export function planDeclare(node: DeclareVariable, state: PlanState): Planned {
  const { statement } = state.options;
  const local = statement?.scopes && !statement.immediate ? statement.scopes.length - 1 : undefined;
  const names = node.names.map((name) => declaredName(name, node, local));
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    const key = name.toLowerCase();
    const known = local === undefined ? state.session.variables : statement?.scopes?.[local]?.variables;
    if (seen.has(key) || (!node.orReplace && known && Object.hasOwn(known, key))) {
      throw fail(
        'VARIABLE_ALREADY_EXISTS',
        `The variable ${quotedName([name])} is there already. Use DECLARE OR REPLACE, or another name.`,
        node.names[index]!.range,
      );
    }
    seen.add(key);
  }
  if (node.default) refuseDefault(node.default);
  const value = node.default ?? typedNull(node.type!.type, node.range);
  const query = analyseQuery(selectOf([{ value, range: value.range }], node.range), {
    state,
    environment: state.environment,
    ctes: new Map(),
  });
  const type = node.type?.type ?? query.columns[0]!.type;
  refuseLength(type.kind, node);
  const { defaultText } = node;
  const targets = names.map(
    (name): VariableTarget => ({
      name,
      type: typeText(type),
      declared: true,
      ...(local === undefined ? {} : { scope: local }),
      ...(defaultText === undefined ? {} : { defaultText }),
    }),
  );
  return assignment(query, targets, state, node);
}

function declaredName(name: Name, node: DeclareVariable, local: number | undefined): string {
  const parts = partsOf(name);
  if (local !== undefined) {
    const refuse = (why: string, message: string) => fail(`INVALID_VARIABLE_DECLARATION.${why}`, message, name.range);
    if (node.orReplace) throw refuse('REPLACE_LOCAL_VARIABLE', 'A variable of a script cannot be replaced.');
    if (parts.length > 1) throw refuse('QUALIFIED_LOCAL_VARIABLE', 'A variable of a script has a name of one part.');
  } else if (!isSession(parts.slice(0, -1))) throw unresolved(parts, name);
  return parts.at(-1)!;
}

const unresolved = (parts: readonly string[], name: Name) =>
  fail(
    'UNRESOLVED_VARIABLE',
    `Cannot resolve the variable ${quotedName(parts)}. Variables are in system.session and in the blocks of a script.`,
    name.range,
  );

function refuseDefault(value: Expression): void {
  if (holdsAggregate(value) || holdsWindow(value)) {
    throw fail(
      'UNSUPPORTED_EXPR_FOR_OPERATOR',
      'The default of a variable cannot hold an aggregate or a window function.',
      value.range,
    );
  }
  walk(value, (child) => {
    if (child.kind === 'subquery' || child.kind === 'exists' || child.kind === 'inSubquery') {
      throw fail(
        'INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION',
        'The default of a variable cannot hold a subquery. Use SET VARIABLE.',
        value.range,
      );
    }
    return undefined;
  });
}

function refuseLength(kind: string, node: DeclareVariable): void {
  if (kind === 'char' || kind === 'varchar')
    throw unsupported(`A variable of the type ${kind}`, node.range, 'Use STRING.');
}

/** SELECT of these items without FROM. */
export const selectOf = (items: SelectItem[], range: Query['range']): Query => ({
  kind: 'query',
  body: { kind: 'select', distinct: false, hints: [], items, from: [], lateralViews: [], windows: [], range },
  orderBy: [],
  sortBy: [],
  distributeBy: [],
  clusterBy: [],
  range,
});

/** SET VARIABLE: values are computed from left to right as in a select list, or by a query of one row. */
export function planSetVariable(node: SetVariable, state: PlanState): Planned {
  const targets = node.names.map((name) => targetOf(name, state));
  refuseTwice(targets, node.names);
  const query =
    node.query ??
    selectOf(
      node.values!.map((value, index): SelectItem => {
        const target = targets[index]!;
        const given = value ?? defaultOf(target, node);
        return { value: given, alias: { name: target.name, quoted: true, range: given.range }, range: given.range };
      }),
      node.range,
    );
  const analysed = analyseQuery(query, { state, environment: state.environment, ctes: new Map() });
  return assignment(analysed, targets, state, node);
}

const defaultOf = (target: VariableTarget, node: SetVariable): Expression =>
  target.defaultText === undefined
    ? typedNull(parseType(target.type), node.range)
    : { ...parseExpression(target.defaultText), range: node.range };

/** The variable that SET or INTO names. Throws UNRESOLVED_VARIABLE. */
export function targetOf(name: Name, state: PlanState): VariableTarget {
  const found = findVariable(partsOf(name), state);
  if (!found || found.fields.length) throw unresolved(partsOf(name), name);
  const { variable, scope } = found;
  return {
    name: variable.name,
    type: variable.type,
    ...(scope === undefined ? {} : { scope }),
    ...(variable.defaultText === undefined ? {} : { defaultText: variable.defaultText }),
  };
}

export function refuseTwice(targets: readonly VariableTarget[], names: readonly Name[]): void {
  const seen = new Set<string>();
  for (const [index, { name, scope }] of targets.entries()) {
    const key = `${scope ?? ''} ${name.toLowerCase()}`;
    if (seen.has(key)) {
      throw fail('DUPLICATE_ASSIGNMENTS', `The variable ${quotedName([name])} gets two values.`, names[index]?.range);
    }
    seen.add(key);
  }
}

/**
 * A query of one row whose columns go into variables, cast to their types. Where the values are there already, they are kept in
 * the session. One column may fill several variables that are declared together.
 */
export function assignment(
  query: AnalysedQuery,
  targets: VariableTarget[],
  state: PlanState,
  node: { range: Query['range'] },
): Planned {
  const declared = targets.every((target) => target.declared);
  if (!declared && query.columns.length !== targets.length) {
    throw fail(
      'ASSIGNMENT_ARITY_MISMATCH',
      `There are ${targets.length} variables, but the query gives ${query.columns.length} columns.`,
      node.range,
    );
  }
  const { values } = state.options.statement ?? {};
  if (values)
    return nothing(state, { ...state.session, variables: { ...state.session.variables, ...kept(targets, values) } });
  const session = state.expressionSession(state.environment);
  const alias = state.alias('v');
  const casts = targets.map((target, index) => {
    const at = declared ? 0 : index;
    const column = query.columns[at]!;
    const value: Typed = { ...column, sql: sql`${alias}.${engineColumn(at)}` };
    const type = parseType(target.type);
    const typed = typeText(column.type) === target.type ? value : cast(value, type, { session });
    return { typed: { ...typed, type }, name: target.name };
  });
  const text = casts.map(({ typed }, index) => sql`${typed.sql} AS ${engineColumn(index)}`);
  const assigned: AnalysedQuery = {
    sql: sql`SELECT ${join(text, ', ')} FROM (${query.sql}) AS ${alias} LIMIT 2`,
    columns: casts.map(({ typed, name }) => ({ name, type: typed.type, nullable: true })),
    ordered: false,
  };
  return {
    kind: 'plan',
    body: { kind: 'assign', query: resultQuery(assigned, state), targets },
    requires: state.ownRequirements(),
    reads: [...state.reads],
  };
}

/** Those of the session; variables of blocks are kept by who runs the script. */
function kept(targets: readonly VariableTarget[], values: readonly unknown[]): Record<string, SqlVariable> {
  const variables: Record<string, SqlVariable> = {};
  for (const [index, { name, type, scope, defaultText }] of targets.entries()) {
    if (scope !== undefined) continue;
    variables[name.toLowerCase()] = {
      name,
      type,
      value: values[index] ?? null,
      ...(defaultText === undefined ? {} : { defaultText }),
    };
  }
  return variables;
}

/** DROP TEMPORARY VARIABLE: of the session only. */
export function planDropVariable(node: DropVariable, state: PlanState): Planned {
  const parts = partsOf(node.name);
  if (state.options.statement?.scopes) {
    throw fail(
      'UNSUPPORTED_FEATURE.SQL_SCRIPTING_DROP_TEMPORARY_VARIABLE',
      'DROP TEMPORARY VARIABLE is not supported inside a script.',
      node.range,
    );
  }
  if (!isSession(parts.slice(0, -1))) throw unresolved(parts, node.name);
  const key = parts.at(-1)!.toLowerCase();
  const { [key]: found, ...variables } = state.session.variables ?? {};
  if (found) return nothing(state, { ...state.session, variables });
  if (node.ifExists) return nothing(state);
  throw fail('VARIABLE_NOT_FOUND', `The variable ${quotedName(parts)} cannot be found.`, node.range);
}
