import type { Column } from '@boathouse/contracts';
import type { BinaryOp, Expression } from '../ast/index.ts';

/**
 * - `plan`: as Spark prints an analysed condition, `((a#0 = 1) AND (b#1 = x))`: columns with an id, texts without quotes;
 * - `sql`: as it writes one back, `((a = 1) AND (b = 'x'))`.
 */
export type Style = 'plan' | 'sql';

const infix: Partial<Record<BinaryOp, string>> = {
  and: 'AND',
  or: 'OR',
  '=': '=',
  '<=>': '<=>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '+': '+',
  '-': '-',
  '*': '*',
  '/': '/',
  '%': '%',
};

/**
 * The text of a condition for a table's history, as Spark's history has it. The ids of columns are their places in the
 * table. Undefined where it holds what this printer does not know: the text as written stands there then.
 */
export function printed(node: Expression, columns: readonly Column[], style: Style): string | undefined {
  const inner = (child: Expression) => printed(child, columns, style);
  const all = (children: readonly Expression[]): string[] | undefined => {
    const texts = children.map(inner);
    return texts.every((text) => text !== undefined) ? texts : undefined;
  };
  const not = (text: string) => (style === 'sql' ? `(NOT ${text})` : `NOT ${text}`);
  switch (node.kind) {
    case 'null':
      return style === 'sql' ? 'NULL' : 'null';
    case 'boolean':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return style === 'sql' ? `'${node.value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : node.value;
    case 'column': {
      const name = node.parts.at(-1)!.name;
      const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
      if (index < 0) return undefined;
      return style === 'sql' ? name : `${columns[index]!.name}#${index}`;
    }
    case 'unary': {
      const text = inner(node.operand);
      if (text === undefined || node.op !== 'not') return undefined;
      return not(text);
    }
    case 'binaryOp': {
      const sides = all([node.left, node.right]);
      if (!sides) return undefined;
      if (node.op === '!=') return not(`(${sides.join(' = ')})`);
      const sign = infix[node.op];
      return sign === undefined ? undefined : `(${sides.join(` ${sign} `)})`;
    }
    case 'between': {
      const texts = all([node.operand, node.low, node.high]);
      if (!texts || node.negated) return undefined;
      return `((${texts[0]} >= ${texts[1]}) AND (${texts[0]} <= ${texts[2]}))`;
    }
    case 'is': {
      const text = inner(node.operand);
      if (text === undefined || node.what !== 'null') return undefined;
      if (style === 'sql') return `(${text} IS ${node.negated ? 'NOT ' : ''}NULL)`;
      return node.negated ? `isnotnull(${text})` : `isnull(${text})`;
    }
    case 'inList': {
      const texts = all([node.operand, ...node.items]);
      if (!texts) return undefined;
      const [operand, ...items] = texts;
      const text = style === 'sql' ? `(${operand} IN (${items.join(', ')}))` : `${operand} IN (${items.join(',')})`;
      return node.negated ? not(text) : text;
    }
    default:
      return undefined;
  }
}

/** The history's `predicate`: a JSON list of one condition, or of none. */
export function predicateText(node: Expression | undefined, columns: readonly Column[], text: string): string {
  if (!node) return '[]';
  return JSON.stringify([printed(node, columns, 'plan') ?? text.slice(node.range.start, node.range.end)]);
}
