import { z } from 'zod';
import { userError } from './errors.ts';

/**
 * Data types of Spark SQL. On the wire a type is its DDL text as of DESCRIBE (`array<struct<a:int,b:string>>`);
 * `parseType` and `typeText` turn one into the other.
 */
export type SimpleKind =
  | 'boolean'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'float'
  | 'double'
  | 'string'
  | 'binary'
  | 'date'
  | 'timestamp'
  | 'timestamp_ntz'
  | 'variant'
  | 'void';

export type IntervalUnit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

export type DataType =
  | { kind: SimpleKind }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'char' | 'varchar'; length: number }
  | { kind: 'time'; precision: number }
  | { kind: 'interval'; start: IntervalUnit; end: IntervalUnit }
  | { kind: 'calendar_interval' }
  | { kind: 'array'; element: DataType; containsNull: boolean }
  | { kind: 'map'; key: DataType; value: DataType; valueContainsNull: boolean }
  | { kind: 'struct'; fields: StructField[] };

export interface StructField {
  name: string;
  type: DataType;
  nullable: boolean;
  comment?: string;
}

/** A column on the wire; `type` is DDL text. */
export const Column = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean().default(true),
  comment: z.string().optional(),
  /** Spark SQL of the value that INSERT gives where none is given. */
  default: z.string().optional(),
  /** Spark SQL of GENERATED ALWAYS AS. */
  generatedAs: z.string().optional(),
  /** GENERATED … AS IDENTITY; whole numbers as text. */
  identity: z.object({ always: z.boolean(), start: z.string(), step: z.string() }).optional(),
});
export type Column = z.infer<typeof Column>;

const simpleKinds: Record<string, SimpleKind> = {
  boolean: 'boolean',
  tinyint: 'tinyint',
  byte: 'tinyint',
  smallint: 'smallint',
  short: 'smallint',
  int: 'int',
  integer: 'int',
  bigint: 'bigint',
  long: 'bigint',
  float: 'float',
  real: 'float',
  double: 'double',
  string: 'string',
  binary: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  timestamp_ltz: 'timestamp',
  timestamp_ntz: 'timestamp_ntz',
  variant: 'variant',
  void: 'void',
};

const bare = /^[\p{L}\p{N}_]+$/u;
const fieldName = (name: string) => (bare.test(name) ? name : `\`${name.replaceAll('`', '``')}\``);

/** DDL text of a type, as Spark's DESCRIBE prints it. */
export function typeText(type: DataType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'char':
    case 'varchar':
      return `${type.kind}(${type.length})`;
    case 'time':
      return `time(${type.precision})`;
    case 'interval':
      return type.start === type.end ? `interval ${type.start}` : `interval ${type.start} to ${type.end}`;
    case 'calendar_interval':
      return 'interval';
    case 'array':
      return `array<${typeText(type.element)}>`;
    case 'map':
      return `map<${typeText(type.key)},${typeText(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${fieldName(field.name)}:${typeText(field.type)}`).join(',')}>`;
    default:
      return type.kind;
  }
}

/** The same with what DESCRIBE leaves out, NOT NULL and comments of fields: what a table's log keeps of a type. */
export function definitionText(type: DataType): string {
  switch (type.kind) {
    case 'array':
      return `array<${definitionText(type.element)}>`;
    case 'map':
      return `map<${definitionText(type.key)},${definitionText(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map(fieldText).join(',')}>`;
    default:
      return typeText(type);
  }
}

const fieldText = ({ name, type, nullable, comment }: StructField): string =>
  `${fieldName(name)}:${definitionText(type)}${nullable ? '' : ' NOT NULL'}${
    comment === undefined ? '' : ` COMMENT '${comment.replaceAll("'", "''")}'`
  }`;

/** Parses DDL type text. Throws INVALID_TYPE naming the text. */
export function parseType(text: string): DataType {
  const parser = new TypeParser(text);
  const type = parser.type();
  parser.end();
  return type;
}

class TypeParser {
  private readonly text: string;
  private at = 0;
  constructor(text: string) {
    this.text = text;
  }

  private fail(): never {
    throw userError(
      'INVALID_TYPE',
      `"${this.text}" is not a data type. Use a type such as int, string, decimal(10,2) or array<string>.`,
    );
  }
  private space(): void {
    while (this.at < this.text.length && /\s/.test(this.text[this.at]!)) this.at++;
  }
  private eat(symbol: string): boolean {
    this.space();
    if (!this.text.startsWith(symbol, this.at)) return false;
    this.at += symbol.length;
    return true;
  }
  private expect(symbol: string): void {
    if (!this.eat(symbol)) this.fail();
  }
  private word(): string {
    this.space();
    if (this.text[this.at] === '`') {
      let name = '';
      for (this.at++; this.at < this.text.length; this.at++) {
        if (this.text[this.at] === '`') {
          if (this.text[this.at + 1] !== '`') break;
          this.at++;
        }
        name += this.text[this.at];
      }
      this.expect('`');
      return name;
    }
    const match = /^[\p{L}\p{N}_]+/u.exec(this.text.slice(this.at));
    if (!match) this.fail();
    this.at += match[0].length;
    return match[0];
  }
  private keyword(word: string): boolean {
    this.space();
    const rest = this.text.slice(this.at);
    if (!new RegExp(`^${word}\\b`, 'i').test(rest)) return false;
    this.at += word.length;
    return true;
  }
  private number(): number {
    const value = Number(this.word());
    if (!Number.isInteger(value)) this.fail();
    return value;
  }
  end(): void {
    this.space();
    if (this.at !== this.text.length) this.fail();
  }
  type(): DataType {
    const name = this.word().toLowerCase();
    const simple = simpleKinds[name];
    if (simple) return { kind: simple };
    switch (name) {
      case 'decimal':
      case 'dec':
      case 'numeric': {
        if (!this.eat('(')) return { kind: 'decimal', precision: 10, scale: 0 };
        const precision = this.number();
        const scale = this.eat(',') ? this.number() : 0;
        this.expect(')');
        if (precision < 1 || precision > 38 || scale > precision) this.fail();
        return { kind: 'decimal', precision, scale };
      }
      case 'char':
      case 'character':
      case 'varchar': {
        this.expect('(');
        const length = this.number();
        this.expect(')');
        return { kind: name === 'varchar' ? 'varchar' : 'char', length };
      }
      case 'time': {
        let precision = 6;
        if (this.eat('(')) {
          precision = this.number();
          this.expect(')');
        }
        return { kind: 'time', precision };
      }
      case 'interval': {
        const units: IntervalUnit[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];
        const start = units.find((unit) => this.keyword(unit));
        if (!start) return { kind: 'calendar_interval' };
        if (!this.keyword('to')) return { kind: 'interval', start, end: start };
        const end = units.find((unit) => this.keyword(unit));
        if (!end) this.fail();
        return { kind: 'interval', start, end };
      }
      case 'array': {
        this.expect('<');
        const element = this.type();
        this.expect('>');
        return { kind: 'array', element, containsNull: true };
      }
      case 'map': {
        this.expect('<');
        const key = this.type();
        this.expect(',');
        const value = this.type();
        this.expect('>');
        return { kind: 'map', key, value, valueContainsNull: true };
      }
      case 'struct': {
        const fields: StructField[] = [];
        this.expect('<');
        while (!this.eat('>')) {
          if (fields.length) this.expect(',');
          const field = this.word();
          this.eat(':');
          const type = this.type();
          const nullable = !(this.keyword('not') && (this.keyword('null') || this.fail()));
          let comment: string | undefined;
          if (this.keyword('comment')) {
            this.space();
            const match = /^'((?:[^'\\]|\\.)*)'/.exec(this.text.slice(this.at));
            if (!match) this.fail();
            this.at += match[0].length;
            comment = match[1]!.replace(/\\(.)/g, '$1');
          }
          fields.push({ name: field, type, nullable, ...(comment === undefined ? {} : { comment }) });
        }
        return { kind: 'struct', fields };
      }
      default:
        return this.fail();
    }
  }
}
