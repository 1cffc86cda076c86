import { type BoathouseError, userError } from '@boathouse/contracts';
import { type Expression, type Node, positionOf, type Range } from '../ast/index.ts';
import type { Token } from '../lexer/index.ts';

export interface ParseOptions {
  /**
   * Texts of named parameters, so that IDENTIFIER(:name) becomes a name while parsing. Other parameters stay nodes of
   * the tree.
   */
  identifierParameters?: Readonly<Record<string, string>>;
  /**
   * The text of a value inside of IDENTIFIER(…) that parsing alone does not know: of a variable, of a parameter. Null for NULL,
   * undefined where there is none; throws where it is no string.
   */
  identifierText?: (node: Expression) => string | null | undefined;
  /** The statement stands in a script: SET means variables. */
  script?: boolean;
}

/** Deeper nesting is refused, because every later pass over the tree recurses too. */
const maxDepth = 250;

/**
 * How many operators may follow one another: each is one level of the tree, and both our passes and the engine recurse.
 * The engine flattens AND and OR, so they may be many.
 */
const maxChain = { value: 400, logical: 4000, set: 2000 };

/**
 * A position in the tokens of one statement, and what every rule needs: looking ahead, accepting, expecting, and an error
 * that says what was found and what could have stood there. `text` is the whole text that offsets count in.
 */
export class Cursor {
  readonly text: string;
  readonly options: ParseOptions;
  private readonly tokens: Token[];
  /** For each `(` the index of its `)`, or -1. */
  private readonly closing: Int32Array;
  private at = 0;
  private depth = 0;
  private questionMarks?: number[];
  /** Tokens as they were before `acceptFirst` took them apart, for a reading that is tried and given up. */
  private readonly whole: { at: number; token: Token }[] = [];

  constructor(text: string, tokens: Token[], options: ParseOptions = {}) {
    this.text = text;
    // A copy: reading types takes `>>` apart in place.
    this.tokens = [...tokens];
    this.options = options;
    this.closing = matchParentheses(tokens);
  }

  get token(): Token {
    return this.tokens[this.at]!;
  }

  peek(ahead: number): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  /** The token after the parenthesis that closes the one `ahead` tokens from here. */
  afterClosing(ahead: number): Token | undefined {
    const close = this.closing[this.at + ahead] ?? -1;
    return close < 0 ? undefined : this.tokens[close + 1];
  }

  mark(): number {
    return this.at;
  }

  reset(mark: number): void {
    while ((this.whole.at(-1)?.at ?? -1) > mark) {
      const { at, token } = this.whole.pop()!;
      this.tokens[at] = token;
    }
    this.at = mark;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== 'eof') this.at += 1;
    return token;
  }

  /** Is this token the keyword or operator `key`? Quoted names and strings never are. */
  is(key: string): boolean {
    return this.token.key === key;
  }

  isOneOf(keys: ReadonlySet<string>): boolean {
    return this.token.key !== '' && keys.has(this.token.key);
  }

  /** Do these keywords follow one another from here? */
  are(...keys: string[]): boolean {
    return keys.every((key, ahead) => this.peek(ahead).key === key);
  }

  accept(key: string): boolean {
    if (!this.is(key)) return false;
    this.at += 1;
    return true;
  }

  /** Accepts all of these keywords or none. */
  acceptAll(...keys: string[]): boolean {
    if (!this.are(...keys)) return false;
    this.at += keys.length;
    return true;
  }

  acceptOneOf(keys: ReadonlySet<string>): string | undefined {
    return this.isOneOf(keys) ? this.next().key : undefined;
  }

  expect(...keys: string[]): void {
    for (const key of keys) if (!this.accept(key)) this.fail(quoteKey(key));
  }

  /** The decoded text of a string literal, adjacent literals joined. */
  expectString(what = 'a string'): string {
    if (this.token.kind !== 'string') this.fail(what);
    let value = this.next().value;
    while (this.token.kind === 'string') value += this.next().value;
    return value;
  }

  /** The text of an unsigned whole number. */
  expectInteger(what = 'a whole number'): string {
    if (this.token.kind !== 'number' || !/^\d+$/.test(this.token.value)) this.fail(what);
    return this.next().value;
  }

  atEnd(): boolean {
    return this.token.kind === 'eof';
  }

  /** Accepts the first character of `>>`, `>>>` or `<>` alone, or the whole token `first`: for `array<array<int>>`. */
  acceptFirst(first: string): boolean {
    const token = this.token;
    if (token.kind !== 'op' || token.key[0] !== first) return false;
    if (token.key === first) this.at += 1;
    else {
      // In place, because `closing` counts in indexes.
      this.whole.push({ at: this.at, token });
      const rest = token.key.slice(1);
      this.tokens[this.at] = { ...token, key: rest, value: rest, start: token.start + 1 };
    }
    return true;
  }

  /** From the start of the token at `mark` to the end of the last token read. */
  rangeFrom(mark: number): Range {
    const start = this.tokens[mark]!.start;
    return { start, end: this.at > mark ? this.tokens[this.at - 1]!.end : start };
  }

  /** From the start of a node to the end of the last token read. */
  since(node: Node): Range {
    return { start: node.range.start, end: Math.max(node.range.end, this.tokens[Math.max(this.at - 1, 0)]!.end) };
  }

  /** How many `?` stand before the token at `mark`: by position, so that reading a rule twice numbers alike. */
  parameterIndex(mark: number): number {
    this.questionMarks ??= this.tokens.flatMap((token, index) => (token.key === '?' ? [index] : []));
    return this.questionMarks.indexOf(mark);
  }

  private tooComplex(advice: string): BoathouseError {
    return this.error('STATEMENT_TOO_COMPLEX', `The statement ${advice}.`, '54001');
  }

  /** Refuses the next operator of a chain that is as long as a chain may be. */
  limitChain(length: number, kind: keyof typeof maxChain): void {
    if (length <= maxChain[kind]) return;
    throw this.tooComplex(
      `joins more than ${maxChain[kind]} operands: use IN (…), a list, VALUES or several statements`,
    );
  }

  /** Runs a rule that may nest within itself. */
  nested<T>(rule: () => T): T {
    this.depth += 1;
    if (this.depth > maxDepth) throw this.tooComplex('nests too deeply: divide it, for example by WITH');
    try {
      return rule();
    } finally {
      this.depth -= 1;
    }
  }

  /** `one, rule, rule`: at least one. */
  list<T>(rule: () => T): T[] {
    const items = [rule()];
    while (this.accept(',')) items.push(rule());
    return items;
  }

  parenthesised<T>(rule: () => T): T {
    this.expect('(');
    const value = rule();
    this.expect(')');
    return value;
  }

  /** Fails with PARSE_SYNTAX_ERROR at this token. `expected` completes "…, but expected". */
  fail(expected: string): never {
    const token = this.token;
    if (token.kind === 'bad') throw this.syntaxError(token.value);
    const found = token.kind === 'eof' ? 'the statement ends' : `found ${describe(token, this.text)}`;
    throw this.syntaxError(`Syntax error: ${found}, but expected ${expected}.`);
  }

  syntaxError(message: string, range: Range = this.token): BoathouseError {
    return this.error('PARSE_SYNTAX_ERROR', message, '42601', range);
  }

  error(code: string, message: string, sqlState: string, range: Range = this.token): BoathouseError {
    const position = positionOf(this.text, range);
    const place = `(line ${position.line}, column ${position.column})`;
    return userError(code, `${message} ${place}`, { sqlState, position });
  }

  /** A construct that is known but not run: refused by name. */
  unsupported(construct: string, range: Range = this.token, advice = ''): BoathouseError {
    return this.error(
      'UNSUPPORTED_FEATURE',
      `${construct} is not supported${advice ? `: ${advice}` : ''}.`,
      '0A000',
      range,
    );
  }
}

const quoteKey = (key: string) => (/^\w/.test(key) ? key : `"${key}"`);

function describe(token: Token, text: string): string {
  const written = text.slice(token.start, token.end);
  const short = written.length > 40 ? `${written.slice(0, 40)}…` : written;
  return token.kind === 'string' ? `the string ${short}` : `"${short}"`;
}

function matchParentheses(tokens: readonly Token[]): Int32Array {
  const closing = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (token.key === '(') open.push(index);
    else if (token.key === ')') {
      const start = open.pop();
      if (start !== undefined) closing[start] = index;
    }
  });
  return closing;
}
