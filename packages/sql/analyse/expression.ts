import type { BinaryOp, Expression } from '../ast/index.ts';
import { sql } from '../emit/text.ts';
import {
  binaryLiteral,
  booleanLiteral,
  datetimeLiteral,
  intervalLiteral,
  nullLiteral,
  numberLiteral,
  stringLiteral,
} from '../types/index.ts';
import { analyseCall, callRow } from './call.ts';
import { analyseColumn, expandStar, fieldOf } from './column.ts';
import type { Context } from './context.ts';
import { fail, unsupported } from './errors.ts';
import type { Grouping } from './grouping.ts';
import { holdsAggregate, holdsSubquery, holdsWindow } from './inspect.ts';
import { castTo, placed } from './library.ts';
import { parameterExpression } from './parameter.ts';
import { analyseExists, analyseInSubquery, analyseScalarSubquery, negatedIn } from './subquery.ts';
import type { Typed } from './typed.ts';

/** `v:a.b[0]` of a variant is variant_get, named after the last key. Text has no such paths in Spark. */
function variantPath(node: Extract<Expression, { kind: 'jsonPath' }>, base: Typed, context: Context): Typed {
  if (base.type.kind !== 'variant')
    throw unsupported('The path operator `:` on anything but a variant', node.range, 'Use get_json_object.');
  const keys = node.steps.flatMap((step) => ('field' in step ? [step.field] : []));
  const path = node.steps.map((step) => {
    if ('each' in step) throw unsupported('`[*]` in a path into a variant', node.range, 'Use variant_explode.');
    if ('index' in step) return `[${step.index}]`;
    if (!/[.[]/.test(step.field) && step.field !== '') return `.${step.field}`;
    if (step.field.includes("'") && step.field.includes('"')) throw unsupported('This key in a path', node.range);
    return step.field.includes("'") ? `["${step.field}"]` : `['${step.field}']`;
  });
  const found = callRow('variant_get', [base, stringLiteral(`$${path.join('')}`)], context, node.range);
  const name = keys.at(-1);
  return name === undefined ? found : { ...found, outputName: name, named: true };
}

type Kind = Expression['kind'];
type Rule<K extends Kind> = (node: Extract<Expression, { kind: K }>, context: Context) => Typed;

/** How each kind of expression is analysed; a missing kind is a compile error. */
const rules: { [K in Kind]: Rule<K> } = {
  null: () => nullLiteral(),
  boolean: ({ value }) => booleanLiteral(value),
  string: ({ value }) => stringLiteral(value),
  number: ({ text, type, range }) => placed(range, () => numberLiteral(text, type)),
  binary: ({ hex }) => binaryLiteral(hex),
  datetime: ({ type, text, range }, context) =>
    placed(range, () => datetimeLiteral(type, text, context.state.expressionSession(context.environment))),
  interval: ({ value, range }) => placed(range, () => intervalLiteral(value)),
  column: analyseColumn,
  star: ({ range }) => {
    throw fail(
      'INVALID_USAGE_OF_STAR_OR_REGEX',
      'A `*` stands in select lists, arguments and lists of IN only.',
      range,
    );
  },
  parameter: (node, context) => analyse(parameterExpression(node, context.state), context),
  unary: (node, context) => {
    const moved = node.op === 'not' ? negatedIn(node.operand, context) : null;
    if (moved) return moved;
    return callRow(
      node.op === 'not' ? 'not' : `unary ${node.op}`,
      [analyse(node.operand, context)],
      context,
      node.range,
    );
  },
  binaryOp: (node, context) => {
    const operands = [analyse(node.left, context), analyse(node.right, context)];
    const divides = node.op === '/' || node.op === 'div' || node.op === '%';
    if (divides && operands[1]!.zero && context.state.queryDepth === 1 && context.clause === 'SELECT') {
      throw unsupported('Dividing by a column that is the constant 0', node.range);
    }
    if (node.op === '!=') return negate(callRow('=', operands, context, node.range), true, context, node.range);
    return callRow(node.op, operands, context, node.range);
  },
  between: (node, context) => {
    const operands = [node.operand, node.low, node.high].map((operand) => analyse(operand, context));
    return negate(callRow('between', operands, context, node.range), node.negated, context, node.range);
  },
  inList: (node, context) => {
    const items = node.items.flatMap((item) =>
      item.kind === 'star' ? expandStar(item, context).map(({ typed }) => typed) : analyse(item, context),
    );
    const operands = [analyse(node.operand, context), ...items];
    return negate(callRow('in', operands, context, node.range), node.negated, context, node.range);
  },
  inSubquery: analyseInSubquery,
  exists: analyseExists,
  subquery: analyseScalarSubquery,
  like: (node, context) => {
    const operands = [analyse(node.operand, context), analyse(node.pattern, context)];
    if (node.escape !== undefined) operands.push(stringLiteral(node.escape));
    return negate(callRow(node.op, operands, context, node.range), node.negated, context, node.range);
  },
  likeQuantified: (node, context) => {
    const operand = analyse(node.operand, context);
    const parts = node.patterns.map((pattern) => {
      const like = callRow(node.op, [operand, analyse(pattern, context)], context, node.range);
      return negate(like, node.negated, context, node.range);
    });
    const all = parts.reduce((a, b) => callRow(node.quantifier === 'any' ? 'or' : 'and', [a, b], context, node.range));
    const text = node.op === 'ilike' ? `lower(${operand.name})` : operand.name;
    return { ...all, name: `${node.negated ? 'not' : ''}like${node.quantifier}(${text})` };
  },
  is: (node, context) => {
    const operand = analyse(node.operand, context);
    if (node.what === 'null' || node.what === 'unknown') {
      const isNull = callRow('is null', [operand], context, node.range);
      if (!node.negated) return isNull;
      return { ...isNull, sql: sql`(${operand.sql} IS NOT NULL)`, name: `(${operand.name} IS NOT NULL)` };
    }
    const same = callRow('<=>', [operand, booleanLiteral(node.what === 'true')], context, node.range);
    return negate(same, node.negated, context, node.range);
  },
  isDistinct: (node, context) => {
    const same = callRow('<=>', [analyse(node.left, context), analyse(node.right, context)], context, node.range);
    return negate(same, !node.negated, context, node.range);
  },
  case: (node, context) => {
    const { operand } = node;
    const subject = operand && analyse(operand, context);
    if (subject?.volatile) throw unsupported('CASE over an expression that changes with each call', node.range);
    const args = node.branches.flatMap(({ when, then }) => {
      const test = analyse(when, context);
      return [subject ? callRow('=', [subject, test], context, when.range) : test, analyse(then, context)];
    });
    if (node.otherwise) args.push(analyse(node.otherwise, context));
    return callRow('case', args, context, node.range);
  },
  cast: (node, context) => {
    const operand = analyse(node.operand, context);
    return castTo(
      operand,
      node.to.type,
      node.mode === 'try_cast',
      context.state.expressionSession(context.environment),
      node.range,
    );
  },
  extract: (node, context) =>
    callRow('extract', [stringLiteral(node.field), analyse(node.source, context)], context, node.range),
  trim: (node, context) => {
    const source = analyse(node.source, context);
    const name = { both: 'btrim', leading: 'ltrim', trailing: 'rtrim' }[node.side];
    if (!node.characters)
      return {
        ...callRow(name, [source], context, node.range),
        name: `${node.side === 'both' ? 'trim' : name}(${source.name})`,
      };
    const characters = analyse(node.characters, context);
    const args = node.side === 'both' ? [source, characters] : [characters, source];
    const printed = `TRIM(${node.side.toUpperCase()} ${characters.name} FROM ${source.name})`;
    return { ...callRow(name, args, context, node.range), name: printed };
  },
  call: analyseCall,
  aliased: (node, context) => ({
    ...analyse(node.value, context),
    name: node.alias.name,
    outputName: undefined,
    named: true,
  }),
  lambda: ({ range }) => {
    throw unsupported(
      'A lambda function here',
      range,
      'Lambdas may stand only as arguments of functions that take them.',
    );
  },
  row: (node, context) => {
    const items = node.items.map((item) => analyse(item, context));
    const packed = callRow('struct', items, context, node.range);
    if (packed.type.kind !== 'struct') return packed;
    const fields = packed.type.fields.map((field, index) => `${field.name}, ${items[index]!.name}`);
    return { ...packed, name: `named_struct(${fields.join(', ')})` };
  },
  field: (node, context) => {
    const base = analyse(node.base, context);
    return fieldOf(base, node.name.name, `${base.name}.${node.name.name}`, node.range);
  },
  index: (node, context) =>
    callRow('[]', [analyse(node.base, context), analyse(node.index, context)], context, node.range),
  jsonPath: (node, context) => variantPath(node, analyse(node.base, context), context),
  collate: ({ range }) => {
    throw unsupported('COLLATE', range);
  },
};

/** Analyses an expression: resolves its names, types it and writes its engine text. Errors name the place in the text. */
export function analyse(node: Expression, context: Context): Typed {
  const { grouping } = context;
  // Inside a lambda or the body of a routine names mean something else.
  const memo = context.memo?.scope === context.scope ? context.memo.found : undefined;
  const before = memo?.get(node);
  if (before) return before;
  const subqueryKey = grouping?.subqueries.size && holdsSubquery(node) ? grouping.matchSubquery(node) : null;
  if (subqueryKey) return subqueryKey;
  if (
    grouping &&
    !isLiteral(node) &&
    !isName(node) &&
    !holdsAggregate(node) &&
    !holdsWindow(node) &&
    !holdsSubquery(node)
  ) {
    // A key is an expression over columns, also in HAVING, where aliases come before them otherwise.
    const aliasesFirst = context.aliasesFirst && context.clause !== 'HAVING';
    const ungrouped: Context = {
      ...context,
      grouping: undefined,
      aliasesFirst,
      memo: grouping.memo(context.clause, context.scope),
    };
    const plain = ungrouped.memo?.found.get(node) ?? dispatch(node, ungrouped);
    const key = grouping.match(plain) ?? mirroredKey(node, ungrouped, grouping, plain);
    if (key) return key;
    if (plain.foldable) return plain;
  }
  const typed = dispatch(node, context);
  memo?.set(node, typed);
  return typed;
}

const mirrors: Partial<Record<BinaryOp, BinaryOp>> = {
  '+': '+',
  '*': '*',
  '&': '&',
  '|': '|',
  '^': '^',
  and: 'and',
  or: 'or',
  '=': '=',
  '<=>': '<=>',
  '!=': '!=',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
};

/** `1 + a` is the key of GROUP BY `a + 1`: Spark compares operands without their order. */
function mirroredKey(node: Expression, context: Context, grouping: Grouping, plain: Typed): Typed | null {
  if (node.kind !== 'binaryOp') return null;
  const op = mirrors[node.op];
  if (!op) return null;
  const key = grouping.match(dispatch({ ...node, op, left: node.right, right: node.left }, context));
  return key && { ...key, name: plain.name, outputName: plain.outputName };
}

function dispatch(node: Expression, context: Context): Typed {
  const rule = rules[node.kind] as (node: Expression, context: Context) => Typed;
  return rule(node, context);
}

/** A name of one part is a key or it is not: analyseColumn decides. */
const isName = (node: Expression): boolean => node.kind === 'column' && node.parts.length === 1;

const isLiteral = (node: Expression): boolean =>
  ['null', 'boolean', 'string', 'number', 'binary', 'datetime', 'interval'].includes(node.kind);

function negate(value: Typed, negated: boolean, context: Context, range: { start: number; end: number }): Typed {
  return negated ? callRow('not', [value], context, range) : value;
}
