import { userError } from '@boathouse/contracts';

/** XPath 1.0 as a tree. */
export type XPath =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  | { kind: 'negate'; operand: XPath }
  | { kind: 'binary'; op: string; left: XPath; right: XPath }
  | { kind: 'call'; name: string; args: XPath[] }
  | { kind: 'filter'; base: XPath; predicates: XPath[] }
  /** Steps from `base`, from the document where `root`, else from the node at hand. */
  | { kind: 'path'; base?: XPath; root: boolean; steps: Step[] };

export interface Step {
  axis: string;
  /** A name, `*`, or a kind of node such as `text()`. */
  test: string;
  predicates: XPath[];
}

const token =
  /\s*(?:(\d+(?:\.\d*)?|\.\d+)|"([^"]*)"|'([^']*)'|(\/\/|::|\.\.|!=|<=|>=|[()[\].@,/|+\-=<>*$])|([\p{L}_][\p{L}\p{N}_.-]*(?::(?!:)[\p{L}_*][\p{L}\p{N}_.-]*)?))/uy;

interface Token {
  kind: 'number' | 'text' | 'sign' | 'name';
  text: string;
}

const axes = ['child', 'descendant', 'parent', 'ancestor', 'following-sibling', 'preceding-sibling', 'following'];
const allAxes = [...axes, 'preceding', 'attribute', 'self', 'descendant-or-self', 'ancestor-or-self'];
const nodeKinds = ['text', 'node', 'comment', 'processing-instruction'];
const anyNode: Step = { axis: 'descendant-or-self', test: 'node()', predicates: [] };

const wrong = (path: string): Error =>
  userError('INVALID_XPATH', `'${path}' is no XPath expression.`, { sqlState: '22023' });

class Parser {
  private readonly path: string;
  private readonly tokens: Token[] = [];
  private at = 0;
  constructor(path: string) {
    this.path = path;
    token.lastIndex = 0;
    for (let end = 0; path.slice(end).trim() !== ''; end = token.lastIndex) {
      token.lastIndex = end;
      const match = token.exec(path);
      if (!match) throw wrong(path);
      const [, number, double, single, sign, name] = match;
      if (number !== undefined) this.tokens.push({ kind: 'number', text: number });
      else if (sign !== undefined) this.tokens.push({ kind: 'sign', text: sign });
      else if (name !== undefined) this.tokens.push({ kind: 'name', text: name });
      else this.tokens.push({ kind: 'text', text: double ?? single ?? '' });
    }
  }

  whole(): XPath {
    const result = this.or();
    if (this.at < this.tokens.length) throw wrong(this.path);
    return result;
  }

  private is(text: string, ahead = 0): boolean {
    const next = this.tokens[this.at + ahead];
    return next !== undefined && next.text === text && next.kind !== 'text';
  }
  private eat(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }
  private need(text: string): void {
    if (!this.eat(text)) throw wrong(this.path);
  }
  private level(ops: string[], next: () => XPath): XPath {
    let left = next();
    for (let op = ops.find((one) => this.is(one)); op; op = ops.find((one) => this.is(one))) {
      this.at++;
      left = { kind: 'binary', op, left, right: next() };
    }
    return left;
  }
  private or = (): XPath => this.level(['or'], () => this.level(['and'], this.equal));
  private equal = (): XPath => this.level(['=', '!='], () => this.level(['<', '<=', '>', '>='], this.sum));
  private sum = (): XPath => this.level(['+', '-'], () => this.level(['*', 'div', 'mod'], this.unary));
  private unary = (): XPath =>
    this.eat('-') ? { kind: 'negate', operand: this.unary() } : this.level(['|'], () => this.pathExpression());

  private pathExpression(): XPath {
    const next = this.tokens[this.at];
    if (!next) throw wrong(this.path);
    const isCall = next.kind === 'name' && this.is('(', 1) && !nodeKinds.includes(next.text);
    if (next.kind !== 'number' && next.kind !== 'text' && !this.is('(') && !isCall) return this.location();
    const primary = this.primary(next);
    const predicates = this.predicates();
    const base: XPath = predicates.length ? { kind: 'filter', base: primary, predicates } : primary;
    if (!this.is('/') && !this.is('//')) return base;
    return { kind: 'path', base, root: false, steps: this.moreSteps() };
  }

  private primary(next: Token): XPath {
    this.at++;
    if (next.kind === 'number') return { kind: 'number', value: Number(next.text) };
    if (next.kind === 'text') return { kind: 'text', value: next.text };
    if (next.text === '(') {
      const inner = this.or();
      this.need(')');
      return inner;
    }
    this.need('(');
    const args: XPath[] = [];
    if (!this.eat(')')) {
      do args.push(this.or());
      while (this.eat(','));
      this.need(')');
    }
    return { kind: 'call', name: next.text, args };
  }

  private location(): XPath {
    if (this.is('//')) return { kind: 'path', root: true, steps: this.moreSteps() };
    const root = this.eat('/');
    const next = this.tokens[this.at];
    const begins = next && (next.kind === 'name' || ['*', '.', '..', '@'].includes(next.text));
    if (root && !begins) return { kind: 'path', root, steps: [] };
    return { kind: 'path', root, steps: [this.step(), ...this.moreSteps()] };
  }

  private moreSteps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (this.eat('//')) steps.push(anyNode);
      else if (!this.eat('/')) return steps;
      steps.push(this.step());
    }
  }

  private step(): Step {
    if (this.eat('.')) return { axis: 'self', test: 'node()', predicates: [] };
    if (this.eat('..')) return { axis: 'parent', test: 'node()', predicates: [] };
    let axis = 'child';
    if (this.eat('@')) axis = 'attribute';
    else if (this.is('::', 1)) {
      axis = this.tokens[this.at]!.text;
      if (!allAxes.includes(axis)) throw wrong(this.path);
      this.at += 2;
    }
    return { axis, test: this.nodeTest(), predicates: this.predicates() };
  }

  private nodeTest(): string {
    const next = this.tokens[this.at++];
    if (next?.text === '*' && next.kind === 'sign') return '*';
    if (next?.kind !== 'name') throw wrong(this.path);
    if (next.text.includes(':'))
      throw userError('UNSUPPORTED_FUNCTION', 'Names with a prefix are not supported in XPath.');
    if (!nodeKinds.includes(next.text) || !this.eat('(')) return next.text;
    const target = this.tokens[this.at];
    if (next.text === 'processing-instruction' && target?.kind === 'text') {
      throw userError('UNSUPPORTED_FUNCTION', 'processing-instruction with a name is not supported in XPath.');
    }
    this.need(')');
    return `${next.text}()`;
  }

  private predicates(): XPath[] {
    const predicates: XPath[] = [];
    while (this.eat('[')) {
      predicates.push(this.or());
      this.need(']');
    }
    return predicates;
  }
}

const known = new Map<string, XPath>();

/** Throws INVALID_XPATH. */
export function parseXPath(path: string): XPath {
  let tree = known.get(path);
  if (!tree) {
    tree = new Parser(path).whole();
    if (known.size > 300) known.clear();
    known.set(path, tree);
  }
  return tree;
}
