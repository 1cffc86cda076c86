import { isDeepStrictEqual } from 'node:util';
import { type DataType, parseType } from '@boathouse/contracts';
import type { Answer, Case, Step } from './corpus.ts';
import { isRefusal } from './corpus.ts';

export type Verdict =
  | { kind: 'equal'; strict: boolean }
  | { kind: 'refused'; why: string }
  | { kind: 'different'; why: string };

/** Compares one case by the rules of the corpus's README: it ends at its first refused step. */
export function compareCase(expected: Case, answers: readonly Answer[]): Verdict {
  let strict = true;
  for (const [index, step] of expected.steps.entries()) {
    const answer = answers[index];
    if (!answer) return { kind: 'different', why: `step ${index + 1} has no answer` };
    if (step.error) {
      if (!('error' in answer))
        return {
          kind: 'different',
          why: `step ${index + 1} answers ${brief(answer.rows)} where Spark raises ${step.error.class}`,
        };
      if (
        step.error.class !== null &&
        !step.error.class.startsWith('_LEGACY_') &&
        step.error.class !== answer.error.class
      )
        strict = false;
      continue;
    }
    if (isRefusal(answer))
      return { kind: 'refused', why: 'error' in answer ? `${answer.error.class}: ${answer.error.message ?? ''}` : '' };
    if ('error' in answer)
      return {
        kind: 'different',
        why: `step ${index + 1} raises ${answer.error.class}: ${answer.error.message ?? ''}`,
      };
    const why = compareAnswer(step, answer);
    if (why) return { kind: 'different', why: `step ${index + 1}: ${why}` };
  }
  return { kind: 'equal', strict };
}

function compareAnswer(
  step: Step,
  answer: { columns: { name: string; type: string }[]; rows: unknown[][] },
): string | undefined {
  let { columns, rows } = answer;
  const wanted = step.columns ?? [];
  if (step.project) {
    const at = step.project.map((name) => columns.findIndex((column) => column.name === name));
    if (at.some((index) => index < 0)) return `columns ${columns.map((column) => column.name)} lack ${step.project}`;
    columns = at.map((index) => columns[index]!);
    rows = rows.map((row) =>
      at.map((index) =>
        columns[at.indexOf(index)]!.name === 'operationMetrics' ? withoutSizes(row[index]) : withoutIds(row[index]),
      ),
    );
  }
  const shown = (list: { name: string; type: string }[]) =>
    list.map((column) => `${column.name} ${column.type}`).join(', ');
  if (shown(columns) !== shown(wanted)) return `columns are (${shown(columns)}), Spark's (${shown(wanted)})`;
  if (step.compare === 'schema') return undefined;
  const expected = step.rows ?? [];
  if (rows.length !== expected.length)
    return `${rows.length} rows, Spark ${expected.length}: ${brief(rows)} against ${brief(expected)}`;
  const types = wanted.map((column) => comparableType(column.type));
  const same = (a: unknown[], b: unknown[]) => types.every((type, index) => equalValue(type, a[index], b[index]));
  if (step.ordered) {
    const at = rows.findIndex((row, index) => !same(row, expected[index]!));
    return at < 0 ? undefined : `row ${at + 1} is ${brief(rows[at])}, Spark's ${brief(expected[at])}`;
  }
  const left = [...expected];
  for (const row of rows) {
    const at = left.findIndex((candidate) => same(row, candidate));
    if (at < 0) return `row ${brief(row)} is not among Spark's ${brief(left)}`;
    left.splice(at, 1);
  }
  return undefined;
}

/** The recorder left out what differs from run to run. */
const withoutSizes = (metrics: unknown): unknown =>
  Array.isArray(metrics) ? metrics.filter(([key]) => !/Time|Bytes|Size/.test(String(key))) : metrics;

/** Ids of expressions and random names are cut there too. */
const withoutIds = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'string') return value;
  return value.replace(/#\d+/g, '#').replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>');
};

/** Types that our DDL parser does not know (collations, geometry) compare by their encoding alone. */
function comparableType(text: string): DataType | undefined {
  try {
    return parseType(text);
  } catch {
    return undefined;
  }
}

function equalValue(type: DataType | undefined, a: unknown, b: unknown): boolean {
  if (a === null || b === null || a === undefined || b === undefined) return (a ?? null) === (b ?? null);
  switch (type?.kind) {
    case 'float':
    case 'double':
      return equalFloat(a, b, type.kind === 'float' ? 1e-6 : 1e-9);
    case 'array':
      return (
        isList(a) &&
        isList(b) &&
        a.length === b.length &&
        a.every((item, index) => equalValue(type.element, item, b[index]))
      );
    case 'struct':
      return (
        isList(a) &&
        isList(b) &&
        a.length === b.length &&
        type.fields.every((field, index) => equalValue(field.type, a[index], b[index]))
      );
    case 'map': {
      if (!isList(a) || !isList(b) || a.length !== b.length) return false;
      const left = [...b] as unknown[][];
      return (a as unknown[][]).every(([key, value]) => {
        const at = left.findIndex(
          (entry) => equalValue(type.key, key, entry[0]) && equalValue(type.value, value, entry[1]),
        );
        if (at >= 0) left.splice(at, 1);
        return at >= 0;
      });
    }
    default:
      return JSON.stringify(a) === JSON.stringify(b) || equalJson(a, b);
  }
}

/** JSON objects as text are equal whatever the order of their keys. */
function equalJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string' || !/^[[{]/.test(a) || a.length !== b.length) return false;
  try {
    return isDeepStrictEqual(JSON.parse(a), JSON.parse(b));
  } catch {
    return false;
  }
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value);

function equalFloat(a: unknown, b: unknown, tolerance: number): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  if (a === 0 && b === 0) return Object.is(a, b);
  const size = Math.max(Math.abs(a), Math.abs(b));
  return a === b || Math.abs(a - b) <= tolerance * size || size <= 1e-12;
}

const brief = (value: unknown): string => {
  const text = JSON.stringify(value) ?? '';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
