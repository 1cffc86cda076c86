import { typeText } from '@boathouse/contracts';
import type {
  Expression,
  GroupItem,
  PipeOperator,
  Query,
  QueryBody,
  Relation,
  SelectItem,
  SortItem,
} from '../../ast/index.ts';
import { nameText } from '../../ast/index.ts';

/** A tree as text with every pair of parentheses written, so that a test shows how something was read. */
export function render(node: Expression): string {
  const all = (nodes: readonly Expression[]) => nodes.map(render).join(', ');
  const no = (negated: boolean) => (negated ? 'not ' : '');
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(node.value);
    case 'string':
      return JSON.stringify(node.value);
    case 'number':
      return `${node.text}:${typeText(node.type)}`;
    case 'binary':
      return `x'${node.hex}'`;
    case 'datetime':
      return `${node.type}'${node.text}'`;
    case 'interval':
      return `interval${JSON.stringify(node.value)}`;
    case 'column':
      return node.parts.map(({ name }) => name).join('.');
    case 'star':
      return (
        [...node.qualifier.map(({ name }) => name), '*'].join('.') +
        (node.except.length ? ` except (${node.except.map(nameText).join(', ')})` : '')
      );
    case 'parameter':
      return node.name === undefined ? `?${node.index}` : `:${node.name}`;
    case 'unary':
      return `(${node.op} ${render(node.operand)})`;
    case 'binaryOp':
      return `(${render(node.left)} ${node.op} ${render(node.right)})`;
    case 'between':
      return `(${render(node.operand)} ${no(node.negated)}between ${render(node.low)} and ${render(node.high)})`;
    case 'inList':
      return `(${render(node.operand)} ${no(node.negated)}in [${all(node.items)}])`;
    case 'inSubquery':
      return `(${render(node.operand)} ${no(node.negated)}in {${renderQuery(node.query)}})`;
    case 'exists':
      return `exists {${renderQuery(node.query)}}`;
    case 'subquery':
      return `{${renderQuery(node.query)}}`;
    case 'like':
      return `(${render(node.operand)} ${no(node.negated)}${node.op} ${render(node.pattern)}${node.escape ? ` escape ${node.escape}` : ''})`;
    case 'likeQuantified':
      return `(${render(node.operand)} ${no(node.negated)}${node.op} ${node.quantifier} [${all(node.patterns)}])`;
    case 'is':
      return `(${render(node.operand)} is ${no(node.negated)}${node.what})`;
    case 'isDistinct':
      return `(${render(node.left)} is ${no(node.negated)}distinct from ${render(node.right)})`;
    case 'case':
      return `case(${[node.operand, ...node.branches.flatMap(({ when, then }) => [when, then]), node.otherwise].map((part) => (part ? render(part) : '-')).join(' ')})`;
    case 'cast':
      return `${node.mode}(${render(node.operand)} as ${typeText(node.to.type)})`;
    case 'extract':
      return `extract(${node.field} from ${render(node.source)})`;
    case 'trim':
      return `trim(${node.side} ${node.characters ? render(node.characters) : '-'} from ${render(node.source)})`;
    case 'call': {
      const named = node.named.map(({ name, value }) => `${name.name} => ${render(value)}`);
      const args = [node.unit, ...node.args.map(render), ...named].filter((arg) => arg !== undefined).join(', ');
      const over = !node.over
        ? ''
        : node.over.kind === 'windowRef'
          ? ` over ${node.over.name.name}`
          : ` over(${[
              `by ${all(node.over.partitionBy)}`,
              `order ${renderSort(node.over.orderBy)}`,
              node.over.frame
                ? `${node.over.frame.unit} ${node.over.frame.start.kind} ${node.over.frame.end.kind}`
                : '-',
            ].join('; ')})`;
      return [
        `${nameText(node.name)}(${node.distinct ? 'distinct ' : ''}${args})`,
        node.withinGroup ? ` within(${renderSort(node.withinGroup)})` : '',
        node.filter ? ` filter(${render(node.filter)})` : '',
        node.nulls ? ` ${node.nulls}` : '',
        over,
      ].join('');
    }
    case 'aliased':
      return `${render(node.value)} as ${node.alias.name}`;
    case 'lambda':
      return `(${node.params.map(({ name }) => name).join(', ')} -> ${render(node.body)})`;
    case 'row':
      return `row(${all(node.items)})`;
    case 'field':
      return `${render(node.base)}.${node.name.name}`;
    case 'index':
      return `${render(node.base)}[${render(node.index)}]`;
    case 'jsonPath':
      return `${render(node.base)}:${JSON.stringify(node.steps)}`;
    case 'collate':
      return `(${render(node.operand)} collate ${node.collation})`;
  }
}

const renderSort = (items: readonly SortItem[]) =>
  items.map(({ value, direction, nulls }) => `${render(value)} ${direction}${nulls ? ` ${nulls}` : ''}`).join(', ');

export function renderQuery(query: Query): string {
  const ctes = query.with?.ctes.map(
    (cte) =>
      `${cte.name.name}${cte.columns ? `(${cte.columns.map(({ name }) => name)})` : ''}={${renderQuery(cte.query)}}`,
  );
  return [
    ctes ? `with${query.with?.recursive ? ' recursive' : ''} ${ctes.join(', ')}` : '',
    renderBody(query.body),
    query.orderBy.length ? `order ${renderSort(query.orderBy)}` : '',
    query.orderByAll ? `order all ${query.orderByAll.direction}` : '',
    query.sortBy.length ? `sort ${renderSort(query.sortBy)}` : '',
    query.limit ? `limit ${render(query.limit)}` : '',
    query.offset ? `offset ${render(query.offset)}` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function renderBody(body: QueryBody): string {
  switch (body.kind) {
    case 'select':
      return [
        `select${body.distinct ? ' distinct' : ''}`,
        body.items
          .map(
            (item) =>
              render(item.value) +
              (item.alias ? ` as ${item.alias.name}` : '') +
              (item.aliases ? ` as (${item.aliases.map(({ name }) => name)})` : ''),
          )
          .join(', '),
        body.from.length ? `from ${body.from.map(renderRelation).join(', ')}` : '',
        ...body.lateralViews.map(
          (view) =>
            `view${view.outer ? ' outer' : ''} ${nameText(view.name)} ${view.table?.name}(${view.columns.map(({ name }) => name)})`,
        ),
        body.where ? `where ${render(body.where)}` : '',
        body.groupBy ? `group ${body.groupBy.all ? 'all' : body.groupBy.items.map(renderGroup).join(', ')}` : '',
        body.having ? `having ${render(body.having)}` : '',
        body.qualify ? `qualify ${render(body.qualify)}` : '',
        body.windows.length ? `window ${body.windows.map(({ name }) => name.name)}` : '',
      ]
        .filter(Boolean)
        .join(' ');
    case 'setOperation':
      return `(${renderBody(body.left)} ${body.op}${body.all ? ' all' : ''} ${renderBody(body.right)})`;
    case 'values':
      return `values ${body.rows.map((row) => `(${row.map(render)})`).join(', ')}${alias(body)}`;
    case 'tableQuery':
      return `table ${nameText(body.name)}`;
    case 'nested':
      return `{${renderQuery(body.query)}}`;
    case 'pipe':
      return `${renderBody(body.input)} |> ${renderPipe(body.operator)}`;
  }
}

const renderItems = (items: readonly SelectItem[]) =>
  items.map((item) => render(item.value) + (item.alias ? ` as ${item.alias.name}` : '')).join(', ');

function renderPipe(operator: PipeOperator): string {
  switch (operator.kind) {
    case 'pipeSelect':
      return renderBody(operator.select);
    case 'pipeExtend':
      return `extend ${renderItems(operator.items)}`;
    case 'pipeSet':
      return `set ${operator.assignments.map(({ column, value }) => `${column.name} = ${render(value)}`).join(', ')}`;
    case 'pipeDrop':
      return `drop ${operator.columns.map(({ name }) => name)}`;
    case 'pipeAs':
      return `as ${operator.name.name}`;
    case 'pipeWhere':
      return `where ${render(operator.condition)}`;
    case 'pipeAggregate':
      return `aggregate ${renderItems(operator.items)} by ${renderItems(operator.keys)}`;
    case 'pipeCombine':
      return `${operator.op}${operator.all ? ' all' : ''} ${renderBody(operator.right)}`;
    case 'pipeOrder':
      return `order ${renderSort(operator.order.orderBy)}`;
    default:
      return operator.kind;
  }
}

function renderGroup(item: GroupItem): string {
  switch (item.kind) {
    case 'expression':
      return render(item.value);
    case 'groupingSets':
      return `sets(${item.sets.map((set) => (set.kind === 'set' ? `[${set.items.map(render)}]` : renderGroup(set))).join(' ')})`;
    default:
      return `${item.kind}(${item.sets.map((set) => `[${set.map(render)}]`).join(' ')})`;
  }
}

function alias(node: { alias?: { name?: { name: string }; columns?: { name: string }[] } }): string {
  if (!node.alias) return '';
  const columns = node.alias.columns ? `(${node.alias.columns.map(({ name }) => name)})` : '';
  return ` as ${node.alias.name?.name ?? ''}${columns}`;
}

export function renderRelation(node: Relation): string {
  switch (node.kind) {
    case 'table': {
      const travel = node.timeTravel ? ` @${node.timeTravel.kind} ${render(node.timeTravel.value)}` : '';
      const sample = node.sample
        ? ` sample ${node.sample.size.unit === 'rows' ? `${render(node.sample.size.rows)} rows` : node.sample.size.share}`
        : '';
      return `${node.stream ? 'stream ' : ''}${nameText(node.name)}${travel}${sample}${alias(node)}`;
    }
    case 'subqueryRelation':
      return `${node.lateral ? 'lateral ' : ''}{${renderQuery(node.query)}}${alias(node)}`;
    case 'values':
      return `values ${node.rows.map((row) => `(${row.map(render)})`).join(', ')}${alias(node)}`;
    case 'tableFunction': {
      const arg = (value: (typeof node.args)[number]) =>
        value.kind === 'tableArgument'
          ? `table ${'kind' in value.table ? `{${renderQuery(value.table)}}` : nameText(value.table)}`
          : render(value);
      const args = [...node.args.map(arg), ...node.named.map(({ name, value }) => `${name.name} => ${arg(value)}`)];
      return `${node.lateral ? 'lateral ' : ''}${node.stream ? 'stream ' : ''}${nameText(node.name)}(${args.join(', ')})${alias(node)}`;
    }
    case 'join': {
      const condition = node.on
        ? ` on ${render(node.on)}`
        : node.using
          ? ` using ${node.using.map(({ name }) => name)}`
          : '';
      return `(${renderRelation(node.left)} ${node.natural ? 'natural ' : ''}${node.type} ${renderRelation(node.right)}${condition})`;
    }
    case 'nestedRelation':
      return `[${renderRelation(node.relation)}]${alias(node)}`;
    case 'pivot': {
      const values = node.values.map(({ value, alias: of }) => render(value) + (of ? ` as ${of.name}` : ''));
      return `pivot(${renderRelation(node.input)}; ${node.aggregates.map(({ value }) => render(value))}; ${node.columns.map(({ name }) => name)}; ${values.join(', ')})${alias(node)}`;
    }
    case 'unpivot': {
      const sets = node.sets.map(
        (set) => set.columns.map(nameText).join('+') + (set.alias ? ` as ${set.alias.name}` : ''),
      );
      return `unpivot(${renderRelation(node.input)}; ${node.valueColumns.map(({ name }) => name)}; ${node.nameColumn.name}; ${sets.join(', ')}${node.includeNulls ? '; nulls' : ''})${alias(node)}`;
    }
  }
}
