import type { Block, Handler, Identifier, Range, Script, ScriptCondition, ScriptStep } from '../ast/index.ts';
import type { Token } from '../lexer/index.ts';
import { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier } from './names.ts';
import { query } from './query.ts';
import { checkCondition, DeclaredHandlers, handlerConditions, sqlStateLiteral } from './script-handlers.ts';

type StatementRule = (cursor: Cursor) => unknown;

/** What surrounds a step: labels and FOR variables by lower-case name, and the conditions that are declared. */
interface Around {
  labels: ReadonlyMap<string, 'block' | 'loop' | 'variable'>;
  conditions: ReadonlySet<string>;
}

/** BEGIN [NOT ATOMIC] … END, the whole statement. `statement` reads one plain statement to the end of its cursor. */
export function script(cursor: Cursor, statement: StatementRule): Script {
  const mark = cursor.mark();
  const reader = new ScriptReader(cursor, statement);
  const body = reader.block({ labels: new Map(), conditions: new Set() });
  return { kind: 'script', body, range: cursor.rangeFrom(mark) };
}

class ScriptReader {
  private readonly cursor: Cursor;
  private readonly statement: StatementRule;

  constructor(cursor: Cursor, statement: StatementRule) {
    this.cursor = cursor;
    this.statement = statement;
  }

  block(around: Around, label?: Identifier): Block {
    const { cursor } = this;
    return cursor.nested(() => {
      const mark = cursor.mark();
      cursor.expect('BEGIN');
      cursor.acceptAll('NOT', 'ATOMIC');
      const conditions: Block['conditions'] = [];
      const handlers: Handler[] = [];
      const declared = new DeclaredHandlers(cursor);
      const statements: ScriptStep[] = [];
      let stage: 'variables' | 'handlers' | 'statements' = 'variables';
      const inside = (): Around => ({
        labels: around.labels,
        conditions: new Set([...around.conditions, ...conditions.map(({ name }) => name.name.toUpperCase())]),
      });
      while (!cursor.is('END')) {
        if (cursor.atEnd()) cursor.fail('END');
        if (cursor.is('DECLARE') && isHandler(cursor)) {
          if (stage === 'statements') {
            const why = 'Handlers must be declared before the statements of their block.';
            throw cursor.error('INVALID_HANDLER_DECLARATION.WRONG_PLACE_OF_DECLARATION', why, '42K0Q');
          }
          stage = 'handlers';
          handlers.push(this.handler(inside(), declared));
        } else if (cursor.is('DECLARE') && isCondition(cursor)) {
          if (stage !== 'variables') {
            const why = 'Conditions must be declared at the start of their block.';
            const code = 'INVALID_ERROR_CONDITION_DECLARATION.NOT_AT_START_OF_COMPOUND_STATEMENT';
            throw cursor.error(code, why, '42K0R');
          }
          const condition = this.condition();
          checkCondition(cursor, condition, conditions);
          conditions.push(condition);
        } else if (cursor.is('DECLARE')) {
          if (stage !== 'variables') {
            const why = 'Variables must be declared at the beginning of their block.';
            throw cursor.error('INVALID_VARIABLE_DECLARATION.ONLY_AT_BEGINNING', why, '42K0M');
          }
          statements.push(this.plain(true));
        } else {
          stage = 'statements';
          statements.push(this.step(inside()));
        }
        cursor.expect(';');
      }
      cursor.expect('END');
      return {
        kind: 'block',
        ...(label ? { label } : {}),
        conditions,
        handlers,
        statements,
        range: cursor.rangeFrom(mark),
      };
    });
  }

  private test(): ScriptCondition {
    const { cursor } = this;
    const mark = cursor.mark();
    expression(cursor);
    const range = cursor.rangeFrom(mark);
    return { text: cursor.text.slice(range.start, range.end), range };
  }

  /** Steps up to one of these words. */
  private body(around: Around, ...ends: string[]): ScriptStep[] {
    const { cursor } = this;
    const steps: ScriptStep[] = [];
    while (steps.length === 0 || !ends.some((end) => cursor.is(end))) {
      if (cursor.is('DECLARE')) {
        const why = 'Variables, conditions and handlers can be declared in a block only: write BEGIN … END.';
        throw cursor.error('INVALID_VARIABLE_DECLARATION.NOT_ALLOWED_IN_SCOPE', why, '42K0M');
      }
      steps.push(this.step(around));
      cursor.expect(';');
    }
    return steps;
  }

  private step(around: Around): ScriptStep {
    const { cursor } = this;
    const labelled = cursor.peek(1).key === ':' && (cursor.token.kind === 'word' || cursor.token.kind === 'quoted');
    const label = labelled ? this.label(around) : undefined;
    const labels = (kind: 'block' | 'loop'): Around =>
      label ? { ...around, labels: new Map([...around.labels, [label.name.toLowerCase(), kind]]) } : around;
    switch (cursor.token.key) {
      case 'BEGIN': {
        const block = this.block(labels('block'), label);
        this.endLabel(label);
        return block;
      }
      case 'WHILE':
      case 'REPEAT':
      case 'LOOP':
      case 'FOR': {
        const loop = cursor.nested(() => (cursor.is('FOR') ? this.forLoop(labels('loop')) : this.loop(labels('loop'))));
        this.endLabel(label);
        return label ? { ...loop, label } : loop;
      }
    }
    if (label) cursor.fail('BEGIN or a loop');
    switch (cursor.token.key) {
      case 'IF':
        return cursor.nested(() => this.ifStep(around));
      case 'CASE':
        return cursor.nested(() => this.caseStep(around));
      case 'LEAVE':
      case 'ITERATE':
        return this.jump(around);
      default:
        return this.plain(false);
    }
  }

  private label(around: Around): Identifier {
    const { cursor } = this;
    const label = identifier(cursor, 'a label');
    this.checkName(label, around);
    cursor.expect(':');
    return label;
  }

  private checkName(label: Identifier, around: Around): void {
    const key = label.name.toLowerCase();
    if (key === 'system' || key === 'session' || key === 'builtin') {
      const why = `The label or FOR variable \`${label.name}\` is forbidden.`;
      throw this.cursor.error('LABEL_OR_FOR_VARIABLE_NAME_FORBIDDEN', why, '42K0L', label.range);
    }
    if (around.labels.has(key)) {
      const why = `The label or FOR variable \`${label.name}\` exists already around this one. Choose another name.`;
      throw this.cursor.error('LABEL_OR_FOR_VARIABLE_ALREADY_EXISTS', why, '42K0L', label.range);
    }
  }

  private endLabel(label: Identifier | undefined): void {
    const { cursor } = this;
    if (cursor.is(';') || cursor.atEnd()) return;
    const end = identifier(cursor, ';');
    if (!label) {
      const why = `The end label \`${end.name}\` has no begin label.`;
      throw cursor.error('END_LABEL_WITHOUT_BEGIN_LABEL', why, '42K0L', end.range);
    }
    if (end.name.toLowerCase() === label.name.toLowerCase()) return;
    const why = `The begin label \`${label.name}\` is not the end label \`${end.name}\`.`;
    throw cursor.error('LABELS_MISMATCH', why, '42K0L', end.range);
  }

  private loop(around: Around): Extract<ScriptStep, { kind: 'loop' }> {
    const { cursor } = this;
    const mark = cursor.mark();
    const word = cursor.next().key;
    if (word === 'WHILE') {
      const condition = this.test();
      cursor.expect('DO');
      const body = this.body(around, 'END');
      cursor.expect('END', 'WHILE');
      return { kind: 'loop', test: { when: 'while', condition }, body, range: cursor.rangeFrom(mark) };
    }
    if (word === 'LOOP') {
      const body = this.body(around, 'END');
      cursor.expect('END', 'LOOP');
      return { kind: 'loop', body, range: cursor.rangeFrom(mark) };
    }
    const body = this.body(around, 'UNTIL');
    cursor.expect('UNTIL');
    const condition = this.test();
    cursor.expect('END', 'REPEAT');
    return { kind: 'loop', test: { when: 'until', condition }, body, range: cursor.rangeFrom(mark) };
  }

  private forLoop(around: Around): Extract<ScriptStep, { kind: 'for' }> {
    const { cursor } = this;
    const mark = cursor.mark();
    cursor.expect('FOR');
    const named = cursor.peek(1).key === 'AS';
    const variable = named ? identifier(cursor, 'the name of the row') : undefined;
    if (variable) {
      this.checkName(variable, around);
      cursor.expect('AS');
    }
    const rows = this.untilWord('DO', query);
    cursor.expect('DO');
    const labels = variable
      ? new Map([...around.labels, [variable.name.toLowerCase(), 'variable' as const]])
      : around.labels;
    const body = this.body({ ...around, labels }, 'END');
    cursor.expect('END', 'FOR');
    return {
      kind: 'for',
      ...(variable ? { variable } : {}),
      query: { range: rows },
      body,
      range: cursor.rangeFrom(mark),
    };
  }

  private ifStep(around: Around): ScriptStep {
    const { cursor } = this;
    const mark = cursor.mark();
    cursor.expect('IF');
    const branches: Extract<ScriptStep, { kind: 'if' }>['branches'] = [];
    let otherwise: ScriptStep[] | undefined;
    do {
      const condition = this.test();
      cursor.expect('THEN');
      branches.push({ condition, body: this.body(around, 'ELSEIF', 'ELSE', 'END') });
    } while (cursor.accept('ELSEIF'));
    if (cursor.accept('ELSE')) otherwise = this.body(around, 'END');
    cursor.expect('END', 'IF');
    return { kind: 'if', branches, ...(otherwise ? { otherwise } : {}), range: cursor.rangeFrom(mark) };
  }

  /** CASE value WHEN … is the IF of `value = …`. */
  private caseStep(around: Around): ScriptStep {
    const { cursor } = this;
    const mark = cursor.mark();
    cursor.expect('CASE');
    const operand = cursor.is('WHEN') ? undefined : this.test();
    const branches: Extract<ScriptStep, { kind: 'if' }>['branches'] = [];
    let otherwise: ScriptStep[] | undefined;
    while (branches.length === 0 || cursor.is('WHEN')) {
      cursor.expect('WHEN');
      const when = this.test();
      const condition = operand ? { ...when, text: `(${operand.text}) = (${when.text})` } : when;
      cursor.expect('THEN');
      branches.push({ condition, body: this.body(around, 'WHEN', 'ELSE', 'END') });
    }
    if (cursor.accept('ELSE')) otherwise = this.body(around, 'END');
    cursor.expect('END', 'CASE');
    return { kind: 'if', branches, ...(otherwise ? { otherwise } : {}), range: cursor.rangeFrom(mark) };
  }

  private jump(around: Around): ScriptStep {
    const { cursor } = this;
    const mark = cursor.mark();
    const what = cursor.next().key === 'LEAVE' ? 'leave' : 'iterate';
    const label = identifier(cursor, 'a label');
    const kind = around.labels.get(label.name.toLowerCase());
    if (kind !== 'block' && kind !== 'loop') {
      const why = `${what.toUpperCase()} names the label ${label.name}, which is not around it.`;
      throw cursor.error('INVALID_LABEL_USAGE.DOES_NOT_EXIST', why, '42K0L', label.range);
    }
    if (what === 'iterate' && kind === 'block') {
      const why = `ITERATE names the label ${label.name} of a block: it can go on with a loop only.`;
      throw cursor.error('INVALID_LABEL_USAGE.ITERATE_IN_COMPOUND', why, '42K0L', label.range);
    }
    return { kind: 'jump', what, label, range: cursor.rangeFrom(mark) };
  }

  private condition(): Block['conditions'][number] {
    const { cursor } = this;
    cursor.expect('DECLARE');
    const name = identifier(cursor, 'the name of a condition');
    cursor.expect('CONDITION');
    return cursor.accept('FOR') ? { name, sqlState: sqlStateLiteral(cursor) } : { name };
  }

  private handler(around: Around, declared: DeclaredHandlers): Handler {
    const { cursor } = this;
    const mark = cursor.mark();
    cursor.expect('DECLARE');
    if (cursor.is('CONTINUE')) {
      const why = 'A CONTINUE handler is not supported. Use an EXIT handler in a block around the statement.';
      throw cursor.error('UNSUPPORTED_FEATURE.CONTINUE_EXCEPTION_HANDLER', why, '0A000');
    }
    cursor.expect('EXIT', 'HANDLER', 'FOR');
    const found = handlerConditions(cursor, around.conditions);
    declared.add(found);
    // Jumps out of a handler are none of Spark's.
    const within: Around = { ...around, labels: new Map() };
    const body = cursor.is('BEGIN') ? this.block(within) : this.single(within);
    return { ...found, body, range: cursor.rangeFrom(mark) };
  }

  /** A handler of one statement: a block of it. */
  private single(around: Around): Block {
    const { cursor } = this;
    if (['IF', 'CASE', 'WHILE', 'FOR', 'LOOP', 'REPEAT', 'LEAVE', 'ITERATE', 'DECLARE'].includes(cursor.token.key)) {
      cursor.fail('BEGIN or a statement');
    }
    const step = this.step(around);
    return { kind: 'block', conditions: [], handlers: [], statements: [step], range: step.range };
  }

  /** A plain statement: up to the next `;`. It is read, so that a script with a wrong statement does not begin. */
  private plain(declares: boolean): ScriptStep {
    const { cursor } = this;
    const mark = cursor.mark();
    const tokens: Token[] = [];
    for (let token = cursor.token; token.kind !== 'eof' && token.key !== ';'; token = cursor.token)
      tokens.push(cursor.next());
    const last = tokens.at(-1);
    if (!last) return cursor.fail('a statement');
    if (cursor.atEnd()) {
      cursor.reset(mark);
      this.read(tokens);
      while (!cursor.atEnd()) cursor.next();
      return cursor.fail('";"');
    }
    this.read(tokens);
    return { kind: 'statement', declares, range: { start: tokens[0]!.start, end: last.end } };
  }

  private read(tokens: Token[]): void {
    const end = tokens.at(-1)!.end;
    const eof: Token = { kind: 'eof', key: '', value: '', start: end, end };
    // Names that variables give are known only when it runs.
    const options = { ...this.cursor.options, script: true, identifierText: () => 'x' };
    this.statement(new Cursor(this.cursor.text, [...tokens, eof], options));
  }

  /** The place of what `rule` reads before the first `word` (outside of parentheses) that lets it read all. */
  private untilWord(word: string, rule: (cursor: Cursor) => unknown): Range {
    const { cursor } = this;
    const mark = cursor.mark();
    const tokens: Token[] = [];
    let depth = 0;
    let failure: unknown;
    for (;;) {
      const { token } = cursor;
      if (token.kind === 'eof' || token.key === ';') break;
      if (token.key === '(') depth += 1;
      if (token.key === ')') depth -= 1;
      if (token.key === word && depth === 0 && tokens.length > 0) {
        const end = tokens.at(-1)!.end;
        const inner = new Cursor(cursor.text, [...tokens, { kind: 'eof', key: '', value: '', start: end, end }], {
          ...cursor.options,
          script: true,
          identifierText: () => 'x',
        });
        try {
          rule(inner);
          if (inner.atEnd()) return { start: tokens[0]!.start, end };
          inner.fail(word);
        } catch (error) {
          failure ??= error;
        }
      }
      tokens.push(cursor.next());
    }
    if (failure) throw failure;
    cursor.reset(mark);
    rule(cursor);
    return cursor.fail(word);
  }
}

const isHandler = (cursor: Cursor): boolean =>
  ['EXIT', 'CONTINUE', 'UNDO'].includes(cursor.peek(1).key) && cursor.peek(2).key === 'HANDLER';
const isCondition = (cursor: Cursor): boolean => cursor.peek(2).key === 'CONDITION';
