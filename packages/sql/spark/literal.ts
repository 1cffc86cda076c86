import { typeText } from '@boathouse/contracts';
import { unsupported } from '../analyse/errors.ts';
import type { Expression } from '../ast/index.ts';

/** A name of Spark SQL in back-ticks. */
export const sparkName = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** A string of Spark SQL: a backslash escapes there, and a quote is escaped by one. */
export const sparkString = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const suffixes: Partial<Record<string, string>> = {
  tinyint: 'Y',
  smallint: 'S',
  bigint: 'L',
  float: 'F',
  double: 'D',
  decimal: 'BD',
};

/** The value of a parameter as Spark writes it. Blanks around it keep a sign apart from what stands before. */
export function sparkLiteral(node: Expression): string {
  switch (node.kind) {
    case 'null':
      return ' NULL ';
    case 'string':
      return ` ${sparkString(node.value)} `;
    case 'boolean':
      return ` ${node.value} `;
    case 'number':
      return ` ${node.text}${suffixes[node.type.kind] ?? ''} `;
    case 'datetime':
      return ` ${node.type} ${sparkString(node.text)} `;
    case 'binary':
      return ` X'${node.hex}' `;
    case 'call':
      return ` ${node.name.parts[0]!.name}(${node.args.map(sparkLiteral).join(',')}) `;
    case 'cast':
      return ` CAST(${sparkLiteral(node.operand)} AS ${typeText(node.to.type)}) `;
    default:
      throw unsupported('A parameter of this kind on an attached Spark', node.range, 'Write the value.');
  }
}
