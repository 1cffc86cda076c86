import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { doubleText } from './number-text.ts';

/** A parsed JSON value; numbers keep their text, objects the order and repetition of their keys. */
export type Json =
  | { kind: 'null' | 'true' | 'false' }
  | { kind: 'number'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'array'; items: Json[] }
  | { kind: 'object'; fields: [string, Json][] };

class Broken extends Error {}

/** What a reader takes beyond standard JSON. */
export interface JsonLeniency {
  singleQuotes?: boolean;
  unquotedNames?: boolean;
  leadingZeros?: boolean;
  /** NaN, Infinity and their kin. */
  nonNumbers?: boolean;
  comments?: boolean;
  controlCharacters?: boolean;
  /** A backslash in front of any character. */
  anyEscape?: boolean;
}

/** What Spark's functions over JSON text take unless told otherwise. */
const usual: JsonLeniency = { singleQuotes: true };

const escapes: Partial<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** A reader of JSON. What follows the first value is not read. */
class Reader {
  private readonly text: string;
  private readonly lenient: JsonLeniency;
  private at = 0;
  constructor(text: string, lenient: JsonLeniency) {
    this.text = text;
    this.lenient = lenient;
  }

  value(depth = 0): Json {
    if (depth > 1000) throw new Broken();
    this.space();
    const char = this.text[this.at];
    if (char === '{') return this.object(depth);
    if (char === '[') return this.array(depth);
    if (this.isQuote(char)) return { kind: 'string', text: this.string(char!) };
    for (const kind of ['null', 'true', 'false'] as const) {
      if (this.text.startsWith(kind, this.at)) {
        this.at += kind.length;
        return { kind };
      }
    }
    return { kind: 'number', text: this.number() };
  }

  private isQuote(char: string | undefined): boolean {
    return char === '"' || (char === "'" && this.lenient.singleQuotes === true);
  }

  /** Jackson's words for numbers that are none come out as JavaScript reads them. */
  private number(): string {
    const rest = this.text.slice(this.at, this.at + 2000);
    const word = this.lenient.nonNumbers ? /^(?:NaN|[+-]INF|[+-]?Infinity)(?!\w)/.exec(rest) : null;
    if (word) {
      this.at += word[0].length;
      return word[0] === 'NaN' ? 'NaN' : word[0].startsWith('-') ? '-Infinity' : 'Infinity';
    }
    const match = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(rest);
    if (!match || (!this.lenient.leadingZeros && /^-?0\d/.test(match[0]))) throw new Broken();
    this.at += match[0].length;
    if (/[\w.]/.test(this.text[this.at] ?? '')) throw new Broken();
    return match[0].replace(/^(-?)0+(?=\d)/, '$1');
  }

  private space(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++;
    if (!this.lenient.comments) return;
    const comment = /^(?:\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)/.exec(this.text.slice(this.at));
    if (!comment) return;
    this.at += comment[0].length;
    this.space();
  }
  private eat(char: string): boolean {
    this.space();
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }
  private object(depth: number): Json {
    const fields: [string, Json][] = [];
    this.at++;
    if (this.eat('}')) return { kind: 'object', fields };
    do {
      this.space();
      const quote = this.text[this.at];
      const name = this.isQuote(quote) ? this.string(quote!) : this.bareName();
      if (!this.eat(':')) throw new Broken();
      fields.push([name, this.value(depth + 1)]);
    } while (this.eat(','));
    if (!this.eat('}')) throw new Broken();
    return { kind: 'object', fields };
  }
  private bareName(): string {
    const match = this.lenient.unquotedNames ? /^[\w$*+#@-]+/.exec(this.text.slice(this.at)) : null;
    if (!match) throw new Broken();
    this.at += match[0].length;
    return match[0];
  }
  private array(depth: number): Json {
    const items: Json[] = [];
    this.at++;
    if (this.eat(']')) return { kind: 'array', items };
    do items.push(this.value(depth + 1));
    while (this.eat(','));
    if (!this.eat(']')) throw new Broken();
    return { kind: 'array', items };
  }
  private string(quote: string): string {
    let out = '';
    for (this.at++; this.at < this.text.length; this.at++) {
      const char = this.text[this.at]!;
      if (char === quote) {
        this.at++;
        return out;
      }
      if (char !== '\\') {
        if (char < ' ' && !this.lenient.controlCharacters) throw new Broken();
        out += char;
        continue;
      }
      const next = this.text[++this.at] ?? '';
      if (next === 'u') {
        const hex = this.text.slice(this.at + 1, this.at + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw new Broken();
        out += String.fromCharCode(Number.parseInt(hex, 16));
        this.at += 4;
      } else {
        const known = next === "'" && !this.lenient.singleQuotes ? undefined : escapes[next];
        const plain = known ?? (this.lenient.anyEscape && next !== '' ? next : undefined);
        if (plain === undefined) throw new Broken();
        out += plain;
      }
    }
    throw new Broken();
  }
}

export const parseJson = (text: string, lenient: JsonLeniency = usual): Json | null => {
  try {
    return new Reader(text, lenient).value();
  } catch (error) {
    if (error instanceof Broken) return null;
    throw error;
  }
};

/** JSON's escapes as Jackson writes them: only what must be escaped. */
export const jsonString = (text: string): string =>
  `"${text.replace(/["\\]|\p{Cc}/gu, (char) => {
    const short: Record<string, string> = {
      '"': '\\"',
      '\\': '\\\\',
      '\b': '\\b',
      '\f': '\\f',
      '\n': '\\n',
      '\r': '\\r',
      '\t': '\\t',
    };
    if (char in short) return short[char]!;
    return char < ' ' ? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}` : char;
  })}"`;

/** Whole numbers keep their digits, others print as doubles. */
const numberText = (text: string): string => (/[.eE]/.test(text) ? doubleText(Number(text)) : text);

export function printJson(value: Json): string {
  switch (value.kind) {
    case 'number':
      return numberText(value.text);
    case 'string':
      return jsonString(value.text);
    case 'array':
      return `[${value.items.map(printJson).join(',')}]`;
    case 'object':
      return `{${value.fields.map(([name, field]) => `${jsonString(name)}:${printJson(field)}`).join(',')}}`;
    default:
      return value.kind;
  }
}

type PathStep = { name: string } | { index: number } | 'each';

/** `$.a.b[0]['c d'][*]`; null where the path is not one. */
function parsePath(path: string): PathStep[] | null {
  if (!path.startsWith('$')) return null;
  const steps: PathStep[] = [];
  let rest = path.slice(1);
  while (rest !== '') {
    const match = /^(?:\.([^.[*]+)|\[(\d+)\]|\['([^'?]+)'\]|(\[\*\]))/.exec(rest);
    if (!match) return null;
    steps.push(
      match[1] !== undefined
        ? { name: match[1] }
        : match[2] !== undefined
          ? { index: Number(match[2]) }
          : match[3] !== undefined
            ? { name: match[3] }
            : 'each',
    );
    rest = rest.slice(match[0].length);
  }
  return steps;
}

/** Every hit of a path. `[*]` takes each element; the first field of a name counts. */
function hits(value: Json, steps: readonly PathStep[]): Json[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [value];
  if (step === 'each') return value.kind === 'array' ? value.items.flatMap((item) => hits(item, rest)) : [];
  if ('index' in step) {
    const item = value.kind === 'array' ? value.items[step.index] : undefined;
    return item ? hits(item, rest) : [];
  }
  if (value.kind !== 'object') return [];
  const field = value.fields.find(([name]) => name === step.name);
  return field ? hits(field[1], rest) : [];
}

function getJsonObject(text: string, path: string): string | null {
  const steps = parsePath(path);
  const root = steps && parseJson(text);
  if (!root) return null;
  const found = hits(root, steps);
  if (steps.includes('each')) {
    if (found.length === 0) return null;
    return found.length === 1 ? printJson(found[0]!) : `[${found.map(printJson).join(',')}]`;
  }
  const [hit] = found;
  if (!hit || (hit.kind === 'null' && steps.length > 0)) return null;
  return hit.kind === 'string' ? hit.text : printJson(hit);
}

export const jsonFunctions: EngineFunction[] = [
  engineFunction('spark_get_json_object', ['VARCHAR', 'VARCHAR'], 'VARCHAR', ([text, path]) =>
    getJsonObject(text as string, path as string),
  ),
  engineFunction('spark_json_array_length', ['VARCHAR'], 'INTEGER', ([text]) => {
    const value = parseJson(text as string);
    return value?.kind === 'array' ? value.items.length : null;
  }),
  engineFunction('spark_json_object_keys', ['VARCHAR'], 'VARCHAR[]', ([text]) => {
    const value = parseJson(text as string);
    return value?.kind === 'object' ? value.fields.map(([name]) => name) : null;
  }),
  engineFunction('spark_json_string', ['VARCHAR'], 'VARCHAR', ([text]) => jsonString(text as string)),
];
