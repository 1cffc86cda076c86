import { parseType, typeText } from '@boathouse/contracts';
import { fail, quotedName, type Range, unsupported } from '../analyse/errors.ts';
import { parameterExpression } from '../analyse/parameter.ts';
import { tableFunction } from '../analyse/table-function.ts';
import { valueExpression } from '../analyse/value.ts';
import { findVariable } from '../analyse/variable.ts';
import {
  type Call,
  type ColumnRef,
  type Expression,
  type PipeOperator,
  type Query,
  type QueryBody,
  type Relation,
  type Select,
  type SelectItem,
  type Star,
  type TableAlias,
  type TableArgument,
  type TableFunction,
  type TableRef,
  walk,
} from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import { type Edit, edited } from './edits.ts';
import { checkCall, isSparkTableFunction } from './functions.ts';
import { sparkLiteral, sparkName, sparkString } from './literal.ts';
import { isAmbiguous, isColumn, lower, type Names, namedColumns, noNames, qualifyingParts } from './names.ts';
import { type FoundRelation, type Place, relationInFrom } from './relation.ts';
import { isSessionWord, sessionName, sessionText } from './session-values.ts';

/**
 * A query in Spark SQL: its text as written, with each table as a piece `{table: n}` under the name by which the query knows
 * it, views as subqueries, parameters and values of the session as literals. What is not named by a node of the tree
 * stays as it is, so the meaning is Spark's own. Throws as the analysis does for names and rights, and UNSUPPORTED_… for
 * what an attached Spark may not do.
 */
export function sparkText(query: Query, place: Place): Sql {
  return new Rewriter(place).text(query);
}

type Visited = Expression | Query | QueryBody | Relation | TableArgument;
type Aliased = Exclude<Extract<Relation, { alias?: TableAlias }>, TableRef | TableFunction>;

/** An expression alone: the default of a column. */
export function sparkExpression(node: Expression, place: Place): Sql {
  return new Rewriter(place).expression(node);
}

class Rewriter {
  private readonly place: Place;
  private readonly edits: Edit[] = [];
  /** How many values of the session were put in: a name made of the text around one would be another. */
  private values = 0;

  constructor(place: Place) {
    this.place = place;
  }

  text(query: Query): Sql {
    this.query(query, noNames());
    const { text } = this.place;
    const { range, with: ctes } = query;
    // WITH a AS (…) INSERT INTO t SELECT …: the clause stands before the statement's own words.
    const apart = ctes && ctes.range.end <= range.start;
    const body = edited(text, range, this.edits);
    return apart ? join([edited(text, ctes.range, this.edits), ' ', body], '') : body;
  }

  expression(node: Expression): Sql {
    this.visit(node, { ...noNames(), outermost: false });
    return edited(this.place.text, node.range, this.edits);
  }

  private edit(start: number, end: number, by: Sql): void {
    // A node may stand at two places of the tree, but only once in the text.
    if (this.edits.some((edit) => edit.start === start && edit.end === end)) return;
    this.edits.push({ start, end, by });
  }

  private query(node: Query, names: Names): void {
    let ctes = names.ctes;
    for (const cte of node.with?.ctes ?? []) {
      const own = new Set(ctes).add(lower(cte.name.name));
      const inside = { ...names, outermost: false };
      this.query(cte.query, node.with!.recursive ? { ...inside, ctes: own } : { ...inside, ctes });
      ctes = own;
    }
    const { with: _ctes, body, ...tail } = node;
    const inside = { ...names, ctes };
    const scope = this.body(body, inside);
    this.visit({ ...tail, kind: 'tail' }, { ...scope, outermost: false });
  }

  /** What the clauses behind a body see: the relations of its FROM. */
  private body(node: QueryBody, names: Names): Names {
    if (node.kind === 'select') return this.select(node, names);
    if (node.kind === 'pipe') {
      const scope = this.body(node.input, names);
      this.operator(node.operator, scope);
      return scope;
    }
    this.visit(node, names);
    return names;
  }

  private operator(node: PipeOperator, names: Names): void {
    switch (node.kind) {
      case 'pipeExtend':
        for (const item of node.items) this.item(item, names);
        return;
      case 'pipeAggregate':
        for (const item of [...node.items, ...node.keys]) this.item(item, names);
        return;
      case 'pipeAs':
        names.relations.push({ alias: node.name.name });
        return;
      default:
        this.visit({ ...node, kind: 'operator' }, names);
    }
  }

  private select(node: Select, names: Names): Names {
    const { ctes, outermost } = names;
    const inside: Names = { ctes, relations: [], lambda: new Set(), around: names, outermost: false };
    // The arguments of hints are read on their own: they have no place in the text.
    const { items, from, lateralViews, hints: _hints, ...clauses } = node;
    this.visit(from, inside);
    for (const view of lateralViews) {
      checkCall(view);
      this.visit(view.args, inside);
      inside.relations.push({
        alias: view.table?.name ?? '',
        columns: new Set(view.columns.map(({ name }) => lower(name))),
      });
    }
    const known = outermost && items.length === this.place.columns?.length ? this.place.columns : undefined;
    for (const [index, item] of items.entries()) this.item(item, inside, known?.[index]);
    this.visit({ ...clauses, kind: 'clauses' }, inside);
    return inside;
  }

  /** An item without an alias keeps the name that it has in the workspace. */
  private item(item: SelectItem, names: Names, known?: string): void {
    const before = this.values;
    this.visit(item.value, names);
    if (this.values === before || item.alias || item.aliases) return;
    const { value } = item;
    const word = value.kind === 'call' ? value.name.parts[0] : value.kind === 'column' ? value.parts[0] : undefined;
    const own = word && isSessionWord(word.name) ? sessionName(word.name) : undefined;
    const name = known ?? own ?? (value.kind === 'column' ? value.parts.at(-1)!.name : undefined);
    if (name === undefined)
      throw unsupported(
        'A value of the session in a column without a name, on an attached Spark',
        value.range,
        'Name the column with AS.',
      );
    this.edit(value.range.end, value.range.end, [` AS ${sparkName(name)}`]);
  }

  private visit(root: unknown, names: Names): void {
    walk(root, (node) => {
      if (node === root && (node.kind === 'tail' || node.kind === 'clauses' || node.kind === 'operator')) return true;
      return this.node(node as Visited, names);
    });
  }

  private node(node: Visited, names: Names): boolean {
    switch (node.kind) {
      case 'query':
        this.query(node, names);
        return false;
      case 'select':
        this.body(node, names);
        return false;
      case 'table':
        this.table(node, names);
        return false;
      case 'tableQuery': {
        const { name, range } = node;
        const { by } = this.relation({ kind: 'table', name, stream: false, options: [], range }, names);
        if (by) this.edit(range.start, range.end, sql`SELECT * FROM ${by}`);
        return false;
      }
      case 'tableFunction':
        return this.function(node, names);
      case 'subqueryRelation':
      case 'values':
      case 'pivot':
      case 'unpivot':
      case 'nestedRelation':
        return this.aliased(node, names);
      case 'tableArgument':
        throw unsupported('A table as an argument on an attached Spark', node.range);
      case 'pipe':
        this.body(node, names);
        return false;
      case 'call':
        return this.call(node);
      case 'column':
        this.column(node, names);
        return false;
      case 'star':
        this.star(node, names);
        return false;
      case 'parameter':
        this.edit(node.range.start, node.range.end, [sparkLiteral(parameterExpression(node, this.place.state))]);
        return false;
      case 'lambda': {
        const params = new Set(node.params.map(({ name }) => lower(name)));
        this.visit(node.body, { ...names, lambda: new Set([...names.lambda, ...params]) });
        return false;
      }
      default:
        return true;
    }
  }

  /** A relation whose columns only Spark knows; what is inside of it is visited as everything else. */
  private aliased(node: Aliased, names: Names): boolean {
    const { alias, ...inner } = node;
    this.visit(
      Object.values(inner).filter((value) => typeof value === 'object'),
      names,
    );
    if (node.kind !== 'nestedRelation' || alias)
      names.relations.push({ alias: alias?.name?.name ?? '', ...namedColumns(alias) });
    return false;
  }

  private table(node: TableRef, names: Names): void {
    const { by, relation } = this.relation(node, names);
    names.relations.push({ ...relation, ...namedColumns(node.alias) });
    if (!by) return;
    if (node.alias && !node.alias.name)
      throw unsupported('Names of columns without a name of the table', node.alias.range, 'Write AS t (a, b).');
    const end = node.sample?.range.start ?? node.alias?.range.start ?? node.range.end;
    this.edit(node.range.start, end, sql`${by}${end < node.range.end ? ' ' : ''}`);
    if (!node.alias) this.edit(node.range.end, node.range.end, [` AS ${sparkName(relation.alias)}`]);
  }

  private relation(node: TableRef, names: Names): FoundRelation {
    return relationInFrom(node, names, this.place, sparkText);
  }

  private function(node: TableFunction, names: Names): boolean {
    const { state, environment } = this.place;
    const alias = node.alias?.name?.name;
    const name = lower(node.name.parts.at(-1)!.name);
    names.relations.push({ alias: alias ?? name, ...namedColumns(node.alias) });
    if (isSparkTableFunction(node)) return true;
    if (name === 'read_files')
      throw unsupported('read_files on an attached Spark', node.range, 'Load the files into a table first.');
    // Only these two are a table and nothing else.
    if (name !== 'table_changes' && name !== 'event_log')
      throw unsupported(`The table function ${name} on an attached Spark`, node.range, 'Write its query.');
    const { sql: text } = tableFunction(node, { state, environment, ctes: new Map() });
    const piece = text.find((part) => typeof part !== 'string');
    if (!piece || typeof piece === 'string')
      throw unsupported(`The table function ${name} on an attached Spark`, node.range);
    state.needAll(piece.table);
    this.edit(node.range.start, node.alias?.range.start ?? node.range.end, [piece, ' ']);
    return false;
  }

  private call(node: Call): boolean {
    const name = lower(node.name.parts.at(-1)!.name);
    if (node.name.parts.length === 1 && isSessionWord(name) && node.args.length === 0 && !node.over) {
      this.sessionValue(name, node.range);
      return false;
    }
    if (node.name.parts.length === 1 && this.place.state.session.tempFunctions?.[name])
      throw unsupported(`The SQL function ${name} on an attached Spark`, node.range, 'Write its expression.');
    checkCall(node);
    return true;
  }

  /** The workspace's user, catalog and schema: Spark would tell its own. */
  private sessionValue(word: string, range: Range): void {
    this.values++;
    this.edit(range.start, range.end, [` ${sparkString(sessionText(word, this.place))}`]);
  }

  private column(node: ColumnRef, names: Names): void {
    const stand = this.place.instead?.get(node.range.start);
    if (stand) {
      this.edit(node.range.start, node.range.end, stand);
      return;
    }
    if (this.fromSession(node, names)) return;
    const kept = this.unqualified(node.parts, names, node.range);
    if (kept) this.edit(node.range.start, node.range.end, [kept]);
  }

  /** Puts the value in the place of a name that means a variable, or a word that the workspace answers. */
  private fromSession(node: ColumnRef, names: Names): boolean {
    const { state } = this.place;
    const { range } = node;
    const [first] = node.parts;
    const parts = node.parts.map(({ name }) => name);
    const isWord = parts.length === 1 && !first!.quoted && isSessionWord(parts[0]!);
    const found = findVariable(parts, state);
    if (!isWord && !found) return false;
    const column = this.isColumn(node, names);
    if (column === 'yes') return false;
    if (column === 'maybe')
      throw unsupported(
        `The name ${parts.join('.')}, a column or a value of the session, on an attached Spark`,
        range,
        'Write the table of a column before it.',
      );
    // A variable has its type also where its value's literal has another one.
    if (!found) this.sessionValue(parts[0]!, range);
    else {
      const type = parseType(found.variable.type);
      const value = sparkLiteral(valueExpression(type, found.variable.value, range));
      const fields = found.fields.map((name) => `.${sparkName(name)}`).join('');
      this.values++;
      this.edit(range.start, range.end, [` CAST(${value} AS ${typeText(type)})${fields} `]);
    }
    return true;
  }

  private isColumn(node: ColumnRef, names: Names): 'yes' | 'no' | 'maybe' {
    const { notColumns } = this.place;
    if (notColumns) return notColumns.has(node.range.start) ? 'no' : 'yes';
    return isColumn(node.parts[0]!.name, names);
  }

  private star(node: Star, names: Names): void {
    if (node.qualifier.length > 1) {
      const kept = this.unqualified(node.qualifier, names, node.range, 1);
      if (kept) this.edit(node.qualifier[0]!.range.start, node.qualifier.at(-1)!.range.end, [kept]);
    }
    for (const { parts, range } of node.except) {
      const kept = this.unqualified(parts, names, range);
      if (kept) this.edit(range.start, range.end, [kept]);
    }
  }

  /** A name without the catalog and schema of its table; undefined where it has none. */
  private unqualified(parts: ColumnRef['parts'], names: Names, range: Range, star = 0): string | undefined {
    const { count, relation } = qualifyingParts(parts, names, parts.length - 1 + star);
    if (!relation) return undefined;
    if (isAmbiguous(relation, names))
      throw fail(
        'UNSUPPORTED_FEATURE',
        `Two tables ${quotedName([relation.alias])} in one FROM are not supported on an attached Spark. Give each an alias.`,
        range,
      );
    return parts
      .slice(count)
      .map(({ name }) => sparkName(name))
      .join('.');
  }
}
