import { randomUUID } from 'node:crypto';
import { BoathouseError, type ScriptScope, type StatementContext, userError } from '@boathouse/contracts';
import { parseScript, type ScriptBlock, type ScriptHandler, type ScriptStep, stateOfCondition } from '@boathouse/sql';
import { findHandler } from './handlers.ts';
import type { Prepared, Ran, RunStatement, StatementHost } from './host.ts';
import { relocated } from './place.ts';

/** How a step ended where it does not go on with the next one. */
type Jump = { what: 'leave' | 'iterate'; label: string } | undefined;

/** Runs a script. Its result is that of the last query that ran; commands give none. */
export async function runScript<R>(text: string, host: StatementHost<R>, runStatement: RunStatement): Promise<Ran<R>> {
  const run = new ScriptRun(text, host, runStatement);
  await run.block(parseScript(text).body, []);
  return run.last === undefined ? { query: false } : { result: run.last, query: true };
}

class ScriptRun<R> {
  last: R | undefined;
  private readonly text: string;
  private readonly host: StatementHost<R>;
  private readonly runStatement: RunStatement;
  /** Errors of a statement that ran, as against those of its planning. */
  private readonly ofRunning = new WeakSet<BoathouseError>();
  /** Those raised inside of a handler. */
  private readonly ofHandlers = new WeakSet<BoathouseError>();
  /** How many loops are around. */
  private loops = 0;

  constructor(text: string, host: StatementHost<R>, runStatement: RunStatement) {
    this.text = text;
    this.host = host;
    this.runStatement = runStatement;
  }

  async block(node: ScriptBlock, outer: readonly ScriptScope[]): Promise<Jump> {
    const scope: ScriptScope = { label: node.label?.name ?? randomUUID(), variables: {} };
    const scopes = [...outer, scope];
    let at = 0;
    try {
      for (; at < node.statements.length; at++) {
        const jump = await this.step(node.statements[at]!, scopes);
        if (jump) return leaves(jump, node.label?.name) ? undefined : jump;
      }
      return undefined;
    } catch (error) {
      const handler = findHandler(node.handlers, error);
      if (!handler) throw error;
      const running = this.isOfRunning(error);
      const last = at === node.statements.length - 1;
      if (running && (this.ofHandlers.has(error) || (last && this.loops > 0))) throw unclear(error);
      return this.handle(handler, scopes);
    }
  }

  private async handle(handler: ScriptHandler, scopes: readonly ScriptScope[]): Promise<Jump> {
    try {
      return await this.block(handler.body, scopes);
    } catch (error) {
      if (this.isOfRunning(error)) this.ofHandlers.add(error);
      throw error;
    }
  }

  /** Raised by rows, not by planning. Constants may fail while they are planned here, which they do not in Spark. */
  private isOfRunning(error: unknown): error is BoathouseError {
    if (!(error instanceof BoathouseError)) return false;
    return this.ofRunning.has(error) || /^(22|P0)/.test(error.sqlState ?? stateOfCondition(error.code) ?? '');
  }

  private async steps(steps: readonly ScriptStep[], scopes: readonly ScriptScope[]): Promise<Jump> {
    for (const step of steps) {
      const jump = await this.step(step, scopes);
      if (jump) return jump;
    }
    return undefined;
  }

  private async step(step: ScriptStep, scopes: readonly ScriptScope[]): Promise<Jump> {
    switch (step.kind) {
      case 'block':
        return this.block(step, scopes);
      case 'statement':
        await this.statement(this.text.slice(step.range.start, step.range.end), step.range.start, scopes);
        return undefined;
      case 'if':
        for (const { condition, body } of step.branches) {
          if (await this.isTrue(condition.text, condition.range.start, scopes)) return this.steps(body, scopes);
        }
        return step.otherwise ? this.steps(step.otherwise, scopes) : undefined;
      case 'loop':
        return this.within(() => this.loop(step, scopes));
      case 'for':
        return this.within(() => this.forLoop(step, scopes));
      case 'jump':
        return { what: step.what, label: step.label.name };
    }
  }

  private async within(loop: () => Promise<Jump>): Promise<Jump> {
    this.loops += 1;
    try {
      return await loop();
    } finally {
      this.loops -= 1;
    }
  }

  private async loop(step: Extract<ScriptStep, { kind: 'loop' }>, scopes: readonly ScriptScope[]): Promise<Jump> {
    const { test, label } = step;
    for (;;) {
      if (test?.when === 'while' && !(await this.isTrue(test.condition.text, test.condition.range.start, scopes)))
        return undefined;
      const jump = await this.steps(step.body, scopes);
      if (jump && leaves(jump, label?.name)) return undefined;
      if (jump && !iterates(jump, label?.name)) return jump;
      if (test?.when === 'until' && (await this.isTrue(test.condition.text, test.condition.range.start, scopes)))
        return undefined;
    }
  }

  /** Columns of the row are variables of a block of its own, which the row's name is the label of. */
  private async forLoop(step: Extract<ScriptStep, { kind: 'for' }>, scopes: readonly ScriptScope[]): Promise<Jump> {
    const { start, end } = step.query.range;
    const context: StatementContext = { scopes: [...scopes] };
    const prepared = await this.prepare(this.text.slice(start, end), start, context);
    if (prepared.body.kind !== 'query') throw new Error('Invariant broken: FOR goes over a query');
    const { query } = prepared.body;
    const rows = await this.running(start, () => prepared.rows(query));
    for (const row of rows) {
      const variables: ScriptScope['variables'] = {};
      for (const [index, { name, type }] of query.columns.entries()) {
        variables[name.toLowerCase()] = { name, type, value: row[index] ?? null };
      }
      const inside = [...scopes, { label: step.variable?.name ?? randomUUID(), variables }];
      const jump = await this.steps(step.body, inside);
      if (jump && leaves(jump, step.label?.name)) return undefined;
      if (jump && !iterates(jump, step.label?.name)) return jump;
    }
    return undefined;
  }

  private async statement(text: string, start: number, scopes: readonly ScriptScope[]): Promise<void> {
    const context: StatementContext = { scopes: [...scopes] };
    const prepared = await this.prepare(text, start, context);
    const ran = await this.running(start, () => this.runStatement(text, prepared, context, this.host));
    if (ran.query) this.last = ran.result;
  }

  /** A condition is a query of one boolean; no row and NULL are false. */
  private async isTrue(text: string, start: number, scopes: readonly ScriptScope[]): Promise<boolean> {
    const head = 'SELECT (';
    const asked = `${head}${text}) AS condition`;
    const prepared = await this.prepare(asked, start - head.length, { scopes: [...scopes] });
    const query = prepared.body.kind === 'query' ? prepared.body.query : undefined;
    if (query?.columns.length !== 1 || query.columns[0]!.type !== 'boolean') {
      throw userError('INVALID_BOOLEAN_STATEMENT', `The condition ${text} must be of the type boolean.`, {
        sqlState: '22546',
      });
    }
    const rows = await this.running(start, () => prepared.rows(query));
    if (rows.length > 1) {
      throw userError('BOOLEAN_STATEMENT_WITH_EMPTY_ROW', `The condition ${text} gives several rows.`, {
        sqlState: '21000',
      });
    }
    return rows[0]?.[0] === true;
  }

  private prepare(text: string, start: number, context: StatementContext): Promise<Prepared<R>> {
    return this.host.plan(text, context).catch((error: unknown) => {
      throw relocated(error, this.text, start);
    });
  }

  private async running<T>(start: number, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BoathouseError) this.ofRunning.add(error);
      throw relocated(error, this.text, start);
    }
  }
}

/** Spark is a statement ahead of the rows that it shows: where it goes on from such an error is not ours to guess. */
const unclear = (error: BoathouseError) =>
  userError(
    'UNSUPPORTED_FEATURE',
    `Handling an error of the last statement of a block in a loop, or of a handler, is not supported (${error.code}: ${error.message})`,
    { sqlState: '0A000', ...(error.position ? { position: error.position } : {}) },
  );

const same = (jump: NonNullable<Jump>, label: string | undefined): boolean =>
  label !== undefined && jump.label.toLowerCase() === label.toLowerCase();
const leaves = (jump: Jump, label: string | undefined): boolean => jump?.what === 'leave' && same(jump, label);
const iterates = (jump: NonNullable<Jump>, label: string | undefined): boolean =>
  jump.what === 'iterate' && same(jump, label);
