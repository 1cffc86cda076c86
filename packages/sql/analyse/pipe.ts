import type { Expression, Pipe, PipeOperator, QueryBody, Select, SelectItem } from '../ast/index.ts';
import { sql } from '../emit/text.ts';
import { fail, type Range } from './errors.ts';
import { type FromRelation, joinOf, scopeColumns, withAlias } from './from.ts';
import { fromClause } from './from-clause.ts';
import { holdsAggregate } from './inspect.ts';
import { pivotRelation, unpivotRelation } from './pivot.ts';
import {
  analyseBody,
  noTail,
  ordinal,
  type QueryContext,
  selectAll,
  setOperation,
  type Tail,
  tailOf,
} from './query.ts';
import type { AnalysedQuery } from './relation.ts';
import { sampled } from './sample.ts';
import type { ScopeColumn } from './scope.ts';
import { analyseSelect } from './select.ts';

/** What flows through a pipe: a relation with qualifiers, or a query that becomes one when an operator needs it. */
type Flow = { relation: FromRelation; ordered: boolean } | { query: AnalysedQuery };

/** `input |> operator`: every operator is the clause of the same name over what stands before it. */
export function analysePipe(node: Pipe, context: QueryContext): AnalysedQuery {
  return asQuery(flowOf(node, context));
}

function flowOf(body: QueryBody, context: QueryContext): Flow {
  if (body.kind === 'pipe') return applied(body.operator, flowOf(body.input, context), context);
  const from = body.kind === 'select' ? wholeFrom(body, context) : undefined;
  return from ? { relation: from, ordered: false } : { query: analyseBody(body, context, noTail(body.range)) };
}

/** The relation of `FROM …` without SELECT, which the parser reads as `SELECT *`: its tables stay open to pruning. */
function wholeFrom(node: Select, context: QueryContext): FromRelation | undefined {
  const [item] = node.items;
  const plain = node.items.length === 1 && item!.value.kind === 'star' && item!.range.start === node.range.start;
  if (!plain || node.where || node.groupBy) return undefined;
  return fromClause(node, context, noTail(node.range), false).relation;
}

const asQuery = (flow: Flow): AnalysedQuery =>
  'query' in flow ? flow.query : { ...selectAll(flow.relation), ordered: flow.ordered };

function asRelation(flow: Flow, { state }: QueryContext): FromRelation {
  if ('relation' in flow) {
    // Behind a pipe nobody reaches the other side of a USING column any more.
    const columns = flow.relation.columns.filter((column) => !column.hidden);
    return columns.length === flow.relation.columns.length ? flow.relation : { ...flow.relation, columns };
  }
  const alias = state.alias('t');
  return { sql: sql`(${flow.query.sql}) AS ${alias}`, columns: scopeColumns(flow.query.columns, alias) };
}

const isOrdered = (flow: Flow): boolean => ('query' in flow ? flow.query.ordered : flow.ordered);

function applied(operator: PipeOperator, flow: Flow, context: QueryContext): Flow {
  const { range } = operator;
  const relation = asRelation(flow, context);
  const around = { ...context, scope: context.around };
  const select = (parts: Partial<Select>, tail: Tail = noTail(range)): Flow => {
    const query = analyseSelect({ ...emptySelect(range), ...parts }, context, tail, relation);
    return { query: { ...query, ordered: query.ordered || (!parts.groupBy && isOrdered(flow)) } };
  };
  switch (operator.kind) {
    case 'pipeSelect':
      return select(operator.select);
    case 'pipeExtend':
      for (const item of operator.items) plainItem(item, 'EXTEND');
      return select({ items: [all(range), ...operator.items] });
    case 'pipeSet':
      return operator.assignments.reduce<Flow>((input, { column, value }) => {
        plainItem({ value, range: value.range }, 'SET');
        const items = [
          { value: { kind: 'star' as const, qualifier: [], except: [], replace: { column, value }, range }, range },
        ];
        const query = analyseSelect(
          { ...emptySelect(range), items },
          context,
          noTail(range),
          asRelation(input, context),
        );
        return { query: { ...query, ordered: isOrdered(flow) } };
      }, flow);
    case 'pipeDrop': {
      const except = operator.columns.map((column) => ({ parts: [column], range: column.range }));
      return select({ items: [{ value: { kind: 'star', qualifier: [], except, range }, range }] });
    }
    case 'pipeAs':
      return { relation: withAlias(relation, { name: operator.name, range }, range), ordered: isOrdered(flow) };
    case 'pipeWhere':
      return select({ items: [all(range)], where: operator.condition });
    case 'pipeAggregate':
      return aggregate(operator, relation, context);
    case 'pipeJoin':
      return { relation: joinOf(operator.join, relation, around), ordered: false };
    case 'pipePivot': {
      const { pivot } = operator;
      const made =
        pivot.kind === 'pivot' ? pivotRelation(pivot, relation, around) : unpivotRelation(pivot, relation, around);
      return { relation: withAlias(made, pivot.alias, range), ordered: false };
    }
    case 'pipeSample':
      return { relation: sampled(relation, operator.sample, context), ordered: isOrdered(flow) };
    case 'pipeCombine':
      return { query: setOperation(operator, asQuery(flow), context) };
    case 'pipeOrder':
      return select({ items: [all(range)] }, tailOf(operator.order, range, context));
  }
}

const emptySelect = (range: Range): Select => ({
  kind: 'select',
  distinct: false,
  hints: [],
  items: [],
  from: [],
  lateralViews: [],
  windows: [],
  range,
});
const all = (range: Range): SelectItem => ({ value: { kind: 'star', qualifier: [], except: [], range }, range });

/** EXTEND and SET compute one value a row: no `*`, no aggregates. */
function plainItem({ value, range }: SelectItem, operator: string): void {
  if (value.kind === 'star')
    throw fail('INVALID_USAGE_OF_STAR_OR_REGEX', `A \`*\` cannot stand behind |> ${operator}.`, range);
  if (!holdsAggregate(value)) return;
  throw fail(
    'PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION',
    `An aggregate function cannot stand behind |> ${operator}: use |> AGGREGATE.`,
    range,
  );
}

/** The keys come first, then the aggregates; a whole number as a key counts the columns of the input. */
function aggregate(
  { items, keys, range }: Extract<PipeOperator, { kind: 'pipeAggregate' }>,
  relation: FromRelation,
  context: QueryContext,
): Flow {
  for (const { value, range: at } of items) {
    if (holdsAggregate(value)) continue;
    throw fail(
      'PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION',
      'Each item of |> AGGREGATE needs an aggregate function. Write keys behind GROUP BY.',
      at,
    );
  }
  const named = keys.map((key) => ({ ...key, value: keyColumn(key.value, relation.columns) }));
  const groupItems = named.map(({ value }) => ({ kind: 'expression' as const, value, range: value.range }));
  const select: Select = {
    ...emptySelect(range),
    items: [...named, ...items],
    groupBy: { all: false, items: groupItems, range },
  };
  return { query: analyseSelect(select, context, noTail(range), relation) };
}

function keyColumn(value: Expression, columns: readonly ScopeColumn[]): Expression {
  const position = ordinal(value);
  if (position === undefined) return value;
  const { range } = value;
  const column = columns[position - 1];
  if (!column) {
    throw fail(
      'GROUP_BY_POS_OUT_OF_RANGE',
      `GROUP BY position ${position} is not a column of the input (valid range is [1, ${columns.length}]).`,
      range,
    );
  }
  const parts = [...column.qualifier, column.name].map((name) => ({ name, quoted: true, range }));
  return { kind: 'column', parts, range };
}
