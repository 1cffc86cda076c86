import { type BoundParameter, typeText } from '@boathouse/contracts';
import { fail, quotedName } from '../analyse/errors.ts';
import { holdsAggregate, holdsSubquery, holdsWindow } from '../analyse/inspect.ts';
import { analyseQuery } from '../analyse/query.ts';
import type { PlanState } from '../analyse/state.ts';
import { findVariable } from '../analyse/variable.ts';
import { type ExecuteImmediate, type Expression, type SelectItem, walk } from '../ast/index.ts';
import { tokenize } from '../parser/index.ts';
import { partsOf } from './names.ts';
import { type Planned, resultQuery } from './planned.ts';
import { refuseTwice, selectOf, targetOf } from './variables.ts';

/** EXECUTE IMMEDIATE: a row of its text and its arguments; the text is planned when they are known. */
export function planImmediate(node: ExecuteImmediate, state: PlanState): Planned {
  for (const value of [node.text, ...node.using.map((argument) => argument.value)]) refuseUnfoldable(value);
  const into = node.into.map((name) => {
    if (findVariable(partsOf(name), state)) return targetOf(name, state);
    throw fail(
      'UNRESOLVED_COLUMN.WITHOUT_SUGGESTION',
      `A column, variable, or function parameter with name ${quotedName(partsOf(name))} cannot be resolved.`,
      name.range,
    );
  });
  refuseTwice(into, node.into);
  const aliases = new Set<string>();
  for (const { name } of node.using) {
    if (!name) continue;
    if (aliases.has(name.name.toLowerCase())) {
      throw fail(
        'EXEC_IMMEDIATE_DUPLICATE_ARGUMENT_ALIASES',
        `The USING clause has two arguments with the name ${quotedName([name.name])}.`,
        name.range,
      );
    }
    aliases.add(name.name.toLowerCase());
  }
  const values = [node.text, ...node.using.map((argument) => argument.value)];
  const items = values.map(
    (value, index): SelectItem => ({
      value,
      alias: { name: `argument ${index}`, quoted: true, range: value.range },
      range: value.range,
    }),
  );
  const query = analyseQuery(selectOf(items, node.range), { state, environment: state.environment, ctes: new Map() });
  const [text, ...given] = query.columns;
  if (text!.type.kind !== 'string') {
    throw fail(
      'INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE',
      `EXECUTE IMMEDIATE takes a string, not ${typeText(text!.type)}.`,
      node.text.range,
    );
  }
  const named = node.using.map((argument, index) => {
    const name = argument.name?.name ?? nameOf(argument.value);
    return { ...(name === undefined ? {} : { name }), type: typeText(given[index]!.type) };
  });
  return {
    kind: 'plan',
    body: { kind: 'immediate', query: resultQuery(query, state), arguments: named, into },
    requires: state.ownRequirements(),
    reads: [...state.reads],
  };
}

/** A variable gives its name to the argument that it is. */
const nameOf = (value: Expression): string | undefined =>
  value.kind === 'column' ? value.parts.at(-1)!.name : undefined;

const random: ReadonlySet<string> = new Set(['rand', 'randn', 'random', 'uuid', 'shuffle', 'randstr', 'uniform']);

function refuseUnfoldable(value: Expression): void {
  let changes = false;
  walk(value, (child) => {
    if (child.kind === 'call' && 'name' in child) {
      const { parts } = child.name as { parts: { name: string }[] };
      changes ||= random.has(parts.at(-1)!.name.toLowerCase());
    }
    return undefined;
  });
  if (!changes && !holdsSubquery(value) && !holdsAggregate(value) && !holdsWindow(value)) return;
  throw fail(
    'UNSUPPORTED_EXPR_FOR_PARAMETER',
    'The text and the arguments of EXECUTE IMMEDIATE may hold no subquery, no aggregate and nothing random. Use a variable.',
    value.range,
  );
}

/**
 * What the markers of a text are bound to. Throws INVALID_QUERY_MIXED_QUERY_PARAMETERS and ALL_PARAMETERS_MUST_BE_NAMED.
 */
export function boundParameters(
  text: string,
  given: readonly { name?: string; type: string; value: unknown }[],
): { named?: Record<string, BoundParameter>; positional?: BoundParameter[] } {
  const { tokens } = tokenize(text);
  const positional = tokens.some((token) => token.key === '?');
  const named = tokens.some((token, index) => {
    const next = tokens[index + 1];
    const before = tokens[index - 1];
    const attached =
      before !== undefined &&
      before.end === token.start &&
      (before.kind !== 'op' || before.key === ')' || before.key === ']');
    return (
      token.key === ':' && !attached && (next?.kind === 'word' || next?.kind === 'quoted') && next.start === token.end
    );
  });
  if (positional && named) {
    throw fail(
      'INVALID_QUERY_MIXED_QUERY_PARAMETERS',
      'A parameterized statement must use either positional or named parameters, but not both.',
    );
  }
  if (!named) return { positional: given.map(({ type, value }) => ({ type, value })) };
  if (given.some(({ name }) => name === undefined)) {
    throw fail('ALL_PARAMETERS_MUST_BE_NAMED', 'A statement with named parameters needs arguments that have names.');
  }
  return { named: Object.fromEntries(given.map(({ name, type, value }) => [name!, { type, value }])) };
}
