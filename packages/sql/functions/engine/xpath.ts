import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { parseDecimal } from './number-text.ts';
import { parseXml, textOfNode, type XmlNode } from './xml.ts';
import { parseXPath, type Step, type XPath } from './xpath-parse.ts';

type Value = XmlNode[] | number | string | boolean;

interface Place {
  node: XmlNode;
  position: number;
  size: number;
}

const wrong = (why: string): Error => userError('INVALID_XPATH', `XPath: ${why}.`, { sqlState: '22023' });

const text = (value: Value): string => {
  if (Array.isArray(value)) return value[0] ? textOfNode(value[0]) : '';
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) return String(value);
  return value === 0
    ? '0'
    : parseDecimal(String(value))
        .replace(/\.0*$/, '')
        .replace(/(\.\d*?)0+$/, '$1');
};

const number = (value: Value): number => {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const trimmed = text(value).trim();
  return /^-?(?:\d+\.?\d*|\.\d+)$/.test(trimmed) ? Number(trimmed) : Number.NaN;
};

const truth = (value: Value): boolean => {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'number') return value !== 0 && !Number.isNaN(value);
  return typeof value === 'string' ? value !== '' : value;
};

const nodes = (value: Value): XmlNode[] => {
  if (!Array.isArray(value)) throw wrong('a set of nodes is needed');
  return value;
};

const descendants = (node: XmlNode): XmlNode[] => node.children.flatMap((child) => [child, ...descendants(child)]);
const ancestors = (node: XmlNode): XmlNode[] => (node.parent ? [node.parent, ...ancestors(node.parent)] : []);
const siblings = (node: XmlNode): XmlNode[] => (node.kind === 'attribute' ? [] : (node.parent?.children ?? []));
const rootOf = (node: XmlNode): XmlNode => ancestors(node).at(-1) ?? node;

/** Nodes of an axis, nearest first. */
function axis(name: string, node: XmlNode): XmlNode[] {
  switch (name) {
    case 'child':
      return node.children;
    case 'descendant':
      return descendants(node);
    case 'descendant-or-self':
      return [node, ...descendants(node)];
    case 'parent':
      return node.parent ? [node.parent] : [];
    case 'ancestor':
      return ancestors(node);
    case 'ancestor-or-self':
      return [node, ...ancestors(node)];
    case 'self':
      return [node];
    case 'attribute':
      // Declarations of namespaces are no attributes.
      return node.attributes.filter(({ name: own }) => own !== 'xmlns' && !own.startsWith('xmlns:'));
    case 'following-sibling':
      return siblings(node).filter((other) => other.order > node.order);
    case 'preceding-sibling':
      return siblings(node)
        .filter((other) => other.order < node.order)
        .reverse();
    case 'following':
      return descendants(rootOf(node)).filter(
        (other) => other.order > node.order && !descendants(node).includes(other),
      );
    default:
      return descendants(rootOf(node))
        .filter((other) => other.order < node.order && !ancestors(node).includes(other))
        .reverse();
  }
}

function passes(node: XmlNode, { test, axis: name }: Step): boolean {
  if (test === 'node()') return true;
  if (test === 'text()') return node.kind === 'text';
  if (test === 'comment()') return node.kind === 'comment';
  if (test === 'processing-instruction()') return node.kind === 'instruction';
  if (node.kind !== (name === 'attribute' ? 'attribute' : 'element')) return false;
  return test === '*' || node.name === test;
}

function filtered(found: XmlNode[], predicates: readonly XPath[]): XmlNode[] {
  return predicates.reduce<XmlNode[]>(
    (kept, predicate) =>
      kept.filter((node, index) => {
        const value = evaluate(predicate, { node, position: index + 1, size: kept.length });
        return typeof value === 'number' ? value === index + 1 : truth(value);
      }),
    found,
  );
}

const inOrder = (found: XmlNode[]): XmlNode[] => [...new Set(found)].sort((a, b) => a.order - b.order);

function walk(from: XmlNode[], steps: readonly Step[]): XmlNode[] {
  return steps.reduce<XmlNode[]>(
    (at, step) =>
      inOrder(
        at.flatMap((node) =>
          filtered(
            axis(step.axis, node).filter((one) => passes(one, step)),
            step.predicates,
          ),
        ),
      ),
    from,
  );
}

const orders: Record<string, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** A comparison holds of sets where it holds of some pair of their nodes. */
function compare(op: string, left: Value, right: Value): boolean {
  if (Array.isArray(left) && typeof right !== 'boolean')
    return left.some((node) => compare(op, textOfNode(node), right));
  if (Array.isArray(right) && typeof left !== 'boolean')
    return right.some((node) => compare(op, left, textOfNode(node)));
  if (op !== '=' && op !== '!=') return orders[op]!(number(left), number(right));
  const same =
    typeof left === 'boolean' || typeof right === 'boolean'
      ? truth(left) === truth(right)
      : typeof left === 'number' || typeof right === 'number'
        ? number(left) === number(right)
        : left === right;
  return same === (op === '=');
}

function binary(op: string, tree: { left: XPath; right: XPath }, place: Place): Value {
  const left = evaluate(tree.left, place);
  if (op === 'or') return truth(left) || truth(evaluate(tree.right, place));
  if (op === 'and') return truth(left) && truth(evaluate(tree.right, place));
  const right = evaluate(tree.right, place);
  switch (op) {
    case '|':
      return inOrder([...nodes(left), ...nodes(right)]);
    case '+':
      return number(left) + number(right);
    case '-':
      return number(left) - number(right);
    case '*':
      return number(left) * number(right);
    case 'div':
      return number(left) / number(right);
    case 'mod':
      return number(left) % number(right);
    default:
      return compare(op, left, right);
  }
}

const round = (value: number): number => Math.round(value);

function substring(value: string, from: number, length: number): string {
  const start = round(from);
  const end = start + round(length);
  return Array.from(value)
    .filter((_, index) => index + 1 >= start && !(Number.isNaN(end) || index + 1 >= end))
    .join('');
}

function translated(value: string, from: string, to: string): string {
  const [source, target] = [Array.from(from), Array.from(to)];
  return Array.from(value)
    .map((char) => (source.includes(char) ? (target[source.indexOf(char)] ?? '') : char))
    .join('');
}

const partOf = (value: string, mark: string, behind: boolean): string => {
  const at = value.indexOf(mark);
  if (at < 0) return '';
  return behind ? value.slice(at + mark.length) : value.slice(0, at);
};

const self = (place: Place, args: Value[]): Value => args[0] ?? [place.node];
const nameOf = (place: Place, args: Value[]): string => nodes(self(place, args))[0]?.name ?? '';

/** Functions by name: the fewest and most arguments, and what they give. */
const functions: Record<string, [number, number, (args: Value[], place: Place) => Value]> = {
  last: [0, 0, (_, place) => place.size],
  position: [0, 0, (_, place) => place.position],
  count: [1, 1, ([set]) => nodes(set!).length],
  id: [1, 1, () => []],
  name: [0, 1, (args, place) => nameOf(place, args)],
  'local-name': [0, 1, (args, place) => nameOf(place, args).replace(/^.*:/, '')],
  string: [0, 1, (args, place) => text(self(place, args))],
  concat: [2, Number.POSITIVE_INFINITY, (args) => args.map(text).join('')],
  'starts-with': [2, 2, ([a, b]) => text(a!).startsWith(text(b!))],
  contains: [2, 2, ([a, b]) => text(a!).includes(text(b!))],
  'substring-before': [2, 2, ([a, b]) => partOf(text(a!), text(b!), false)],
  'substring-after': [2, 2, ([a, b]) => partOf(text(a!), text(b!), true)],
  substring: [
    2,
    3,
    ([a, b, c]) => substring(text(a!), number(b!), c === undefined ? Number.POSITIVE_INFINITY : number(c)),
  ],
  'string-length': [0, 1, (args, place) => Array.from(text(self(place, args))).length],
  'normalize-space': [
    0,
    1,
    (args, place) =>
      text(self(place, args))
        .trim()
        .replace(/[ \t\r\n]+/g, ' '),
  ],
  translate: [3, 3, ([a, b, c]) => translated(text(a!), text(b!), text(c!))],
  boolean: [1, 1, ([value]) => truth(value!)],
  not: [1, 1, ([value]) => !truth(value!)],
  true: [0, 0, () => true],
  false: [0, 0, () => false],
  number: [0, 1, (args, place) => number(self(place, args))],
  sum: [1, 1, ([set]) => nodes(set!).reduce((sum, node) => sum + number(textOfNode(node)), 0)],
  floor: [1, 1, ([value]) => Math.floor(number(value!))],
  ceiling: [1, 1, ([value]) => Math.ceil(number(value!))],
  round: [1, 1, ([value]) => round(number(value!))],
};

function evaluate(tree: XPath, place: Place): Value {
  switch (tree.kind) {
    case 'number':
    case 'text':
      return tree.value;
    case 'negate':
      return -number(evaluate(tree.operand, place));
    case 'binary':
      return binary(tree.op, tree, place);
    case 'filter':
      return filtered(nodes(evaluate(tree.base, place)), tree.predicates);
    case 'path': {
      const from = tree.base ? nodes(evaluate(tree.base, place)) : [tree.root ? rootOf(place.node) : place.node];
      return walk(from, tree.steps);
    }
    case 'call': {
      const found = Object.hasOwn(functions, tree.name) ? functions[tree.name] : undefined;
      if (!found) throw wrong(`there is no function ${tree.name}`);
      const [fewest, most, run] = found;
      if (tree.args.length < fewest || tree.args.length > most) throw wrong(`${tree.name} takes other arguments`);
      return run(
        tree.args.map((arg) => evaluate(arg, place)),
        place,
      );
    }
  }
}

/** NULL for an empty text. Throws MALFORMED_XML, INVALID_XPATH. */
function xpath(xml: string, path: string): Value | null {
  if (xml === '' || path === '') return null;
  const tree = parseXPath(path);
  return evaluate(tree, { node: parseXml(xml), position: 1, size: 1 });
}

const values = (value: Value): (string | null)[] =>
  nodes(value).map((node) => (node.kind === 'element' || node.kind === 'root' ? null : node.first));

const read = <T extends string | number | bigint | boolean | (string | null)[]>(
  name: string,
  returns: EngineFunction['returns'],
  of: (value: Value) => T,
): EngineFunction =>
  engineFunction(name, ['VARCHAR', 'VARCHAR'], returns, ([xml, path]) => {
    const value = xpath(xml as string, path as string);
    return value === null ? null : of(value);
  });

/** Java's narrowing of a double: NaN is 0, what is too large is the limit. */
function saturated(value: number, limit: bigint): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= Number(limit)) return limit - 1n;
  return value < -Number(limit) ? -limit : BigInt(Math.trunc(value));
}

export const xpathFunctions: EngineFunction[] = [
  read('spark_xpath', 'VARCHAR[]', values),
  read('spark_xpath_string', 'VARCHAR', text),
  read('spark_xpath_boolean', 'BOOLEAN', truth),
  read('spark_xpath_double', 'DOUBLE', number),
  read('spark_xpath_long', 'BIGINT', (value) => saturated(number(value), 2n ** 63n)),
  read('spark_xpath_int', 'BIGINT', (value) => saturated(number(value), 2n ** 31n)),
];
