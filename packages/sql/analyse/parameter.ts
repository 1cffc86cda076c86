import { parseType, userError } from '@boathouse/contracts';
import type { Expression, Parameter } from '../ast/index.ts';
import { fail } from './errors.ts';
import type { PlanState } from './state.ts';
import { valueExpression } from './value.ts';

/** The literal that a parameter marker stands for. Throws UNBOUND_SQL_PARAMETER and INVALID_PARAMETER_VALUE. */
export function parameterExpression(marker: Parameter, state: PlanState): Expression {
  const { range } = marker;
  const bound = state.parameter(marker);
  const label = marker.name === undefined ? `number ${(marker.index ?? 0) + 1}` : `:${marker.name}`;
  if (!bound) {
    throw fail('UNBOUND_SQL_PARAMETER', `Found the unbound parameter ${label}. Give it a value.`, range);
  }
  const type = parseType(bound.type ?? 'string');
  const typed = state.options.statement?.immediate || (bound.value !== null && typeof bound.value !== 'string');
  if (typed) return valueExpression(type, bound.value, range);
  const value = bound.value === null ? null : String(bound.value);
  const text: Expression = { kind: 'string', value: value ?? '', range };
  if (value === null)
    return { kind: 'cast', mode: 'cast', operand: { kind: 'null', range }, to: { type, range }, range };
  switch (type.kind) {
    case 'string':
      return text;
    case 'void':
      return { kind: 'null', range };
    case 'boolean':
      if (/^(true|false)$/i.test(value)) return { kind: 'boolean', value: /^true$/i.test(value), range };
      throw invalid(label, value, bound.type);
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      if (!/^[+-]?\d{1,19}$/.test(value.trim()) || !fits(BigInt(value.trim()), type.kind)) {
        throw invalid(label, value, bound.type);
      }
      return { kind: 'number', text: String(BigInt(value.trim())), type, range };
    case 'float':
    case 'double':
    case 'decimal':
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim())) throw invalid(label, value, bound.type);
      return { kind: 'cast', mode: 'cast', operand: text, to: { type, range }, range };
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return { kind: 'datetime', type: type.kind, text: value, range };
    default:
      throw userError(
        'UNSUPPORTED_PARAMETER_TYPE',
        `Parameters of the type ${bound.type} are not supported. Pass a string and cast it in the statement.`,
      );
  }
}

const bits = { tinyint: 7n, smallint: 15n, int: 31n, bigint: 63n };
const fits = (value: bigint, kind: keyof typeof bits) => value >= -(1n << bits[kind]) && value < 1n << bits[kind];

const invalid = (label: string, value: string, type?: string) =>
  userError(
    'INVALID_PARAMETER_VALUE',
    `The value "${value.slice(0, 100)}" of parameter ${label} is not of the type ${type}.`,
  );
