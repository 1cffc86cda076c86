import { userError } from '@boathouse/contracts';

/** Fields of a date and time that patterns name, after Java's ChronoField. */
export type Field =
  | 'era'
  | 'yearOfEra'
  | 'year'
  | 'quarter'
  | 'month'
  | 'dayOfYear'
  | 'day'
  | 'weekOfMonth'
  | 'weekday'
  | 'half'
  | 'hour'
  | 'clockHour'
  | 'hourOfHalf'
  | 'clockHourOfHalf'
  | 'minute'
  | 'second'
  | 'nano'
  | 'julianDay'
  | 'offset';

/** Digits from `min` to `max`; `follow`: digits that number steps right behind take (-1: this one has a fixed width). */
export interface NumberStep {
  kind: 'number';
  field: Field;
  min: number;
  max: number;
  sign: 'normal' | 'never' | 'exceeds';
  follow: number;
  /** Two digits of a year from 2000 to 2099. */
  reduced: boolean;
}

/** One step of a pattern as Java's DateTimeFormatterBuilder makes it. */
export type Step =
  | { kind: 'literal'; text: string }
  | NumberStep
  | { kind: 'fraction'; min: number; max: number; fixed: boolean }
  | { kind: 'text'; field: 'era' | 'quarter' | 'month' | 'weekday' | 'half'; full: boolean }
  | { kind: 'offset'; style: OffsetStyle; zero: string }
  | { kind: 'localOffset'; full: boolean }
  | { kind: 'zoneId' }
  | { kind: 'zoneText'; full: boolean; generic: boolean }
  | { kind: 'optional'; steps: Step[] };

/** `+HHmm`, `+HHMM`, `+HH:MM`, `+HHMMss`, `+HH:MM:ss`: upper case is always there, lower case where it is not zero. */
export type OffsetStyle = 'HHmm' | 'HHMM' | 'HH:MM' | 'HHMMss' | 'HH:MM:ss';

/** Why a pattern is none: Spark tells apart what its Spark 2 formatter would have taken. */
class BadPattern extends Error {
  readonly code: string;
  readonly state: string;
  constructor(code: string, state: string, message: string) {
    super(message);
    this.code = code;
    this.state = state;
  }
}
const illegalPattern = (why: string) => new BadPattern('INVALID_DATETIME_PATTERN.WITH_SUGGESTION', '22007', why);

export type Use = 'format' | 'parse' | 'parseStrictly';
const compiled = new Map<string, Step[]>();

/**
 * The steps of a pattern for writing, for reading, or for reading where Spark does not look back at Spark 2
 * (`parseStrictly`: TIMESTAMP_NTZ and TIME). Throws INVALID_DATETIME_PATTERN.* and INCONSISTENT_BEHAVIOR_CROSS_VERSION.*.
 */
export function patternSteps(pattern: string, use: Use): Step[] {
  const key = `${use} ${pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  const steps = compile(pattern, use);
  if (compiled.size > 1000) compiled.clear();
  compiled.set(key, steps);
  return steps;
}

function compile(pattern: string, use: Use): Step[] {
  try {
    checkLetters(pattern, use !== 'format');
    return new StepBuilder(pattern, use !== 'format').steps();
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    const hint = `The datetime pattern '${pattern}' is not recognised: ${error.message}`;
    if (use === 'parseStrictly')
      throw userError('INVALID_DATETIME_PATTERN.WITH_SUGGESTION', hint, { sqlState: '22007' });
    if (knownToSpark2(pattern)) {
      throw userError(
        'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION',
        `${hint} Use letters such as yyyy-MM-dd HH:mm:ss.`,
        { sqlState: '42K0B' },
      );
    }
    throw userError(error.code, hint, { sqlState: error.state });
  }
}

/** Text outside of single quotes. */
const unquoted = (pattern: string): string[] => pattern.split("'").filter((_, index) => index % 2 === 0);

/** Letters and lengths that Spark forbids though Java knows them, in Spark's order. */
function checkLetters(pattern: string, parsing: boolean): void {
  for (const part of unquoted(pattern)) {
    const week = /[YWwuec]/.exec(part)?.[0];
    if (week)
      throw new BadPattern(
        'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN',
        '42K0B',
        `the letter '${week}' counts by weeks, which is not supported. Use the SQL function EXTRACT.`,
      );
    const illegal = (parsing ? /[ABnNpEFqQ]/ : /[ABnNp]/).exec(part)?.[0];
    if (illegal)
      throw new BadPattern(
        'INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER',
        '22007',
        `the letter '${illegal}' has no meaning.`,
      );
    const long = /G{5}|M{5}|L{5}|E{5}|Q{5}|q{5}|y{7}/.exec(part)?.[0];
    if (long) throw new BadPattern('INVALID_DATETIME_PATTERN.LENGTH', '22007', `'${long}' is too long.`);
  }
}

/** Whether Java's SimpleDateFormat takes a pattern. */
function knownToSpark2(pattern: string): boolean {
  const quotes = pattern.split("'").length - 1;
  if (quotes % 2 === 1) return false;
  return unquoted(pattern).every(
    (part) => !/[^GyMdkHmsSEDFwWahKzZYuXL]/.test(part.replace(/[^A-Za-z]/g, '')) && !/X{4}/.test(part),
  );
}

const plainNumbers: Record<string, Field> = {
  d: 'day',
  h: 'clockHourOfHalf',
  H: 'hour',
  k: 'clockHour',
  K: 'hourOfHalf',
  m: 'minute',
  s: 'second',
};
const offsetStyles: OffsetStyle[] = ['HHmm', 'HHMM', 'HH:MM', 'HHMMss', 'HH:MM:ss'];

/** Follows DateTimeFormatterBuilder.appendPattern, also in how numbers that touch share digits. */
class StepBuilder {
  private readonly pattern: string;
  private readonly parsing: boolean;
  private readonly eraNamed: boolean;
  /** Open sections: the outermost first; `number` is the number step that the next one touches. */
  private readonly open: { steps: Step[]; number: NumberStep | undefined }[] = [{ steps: [], number: undefined }];

  constructor(pattern: string, parsing: boolean) {
    this.pattern = pattern;
    this.parsing = parsing;
    this.eraNamed = unquoted(pattern).some((part) => part.includes('G'));
  }

  steps(): Step[] {
    const { pattern } = this;
    for (let at = 0; at < pattern.length; ) {
      const char = pattern[at]!;
      if (/[A-Za-z]/.test(char)) {
        let count = 1;
        while (pattern[at + count] === char) count++;
        this.letter(char, count);
        at += count;
      } else if (char === "'") at = this.quoted(at);
      else {
        this.symbol(char);
        at++;
      }
    }
    while (this.open.length > 1) this.close();
    return this.open[0]!.steps;
  }

  private get section() {
    return this.open.at(-1)!;
  }

  private add(step: Step): void {
    this.section.steps.push(step);
    this.section.number = undefined;
  }

  private symbol(char: string): void {
    if ('{}#'.includes(char)) throw illegalPattern(`'${char}' is reserved. Put it between single quotes.`);
    if (char === '[') {
      this.section.number = undefined;
      this.open.push({ steps: [], number: undefined });
    } else if (char === ']') {
      if (this.open.length === 1) throw illegalPattern("']' closes nothing.");
      this.close();
    } else this.add({ kind: 'literal', text: char });
  }

  private close(): void {
    const { steps } = this.open.pop()!;
    if (steps.length > 0) this.add({ kind: 'optional', steps });
  }

  private quoted(start: number): number {
    const { pattern } = this;
    let text = '';
    for (let at = start + 1; at < pattern.length; at++) {
      if (pattern[at] !== "'") text += pattern[at];
      else if (pattern[at + 1] === "'") {
        text += "'";
        at++;
      } else {
        this.add({ kind: 'literal', text: at === start + 1 ? "'" : text });
        return at + 1;
      }
    }
    if (start + 1 < pattern.length && text === "'") {
      this.add({ kind: 'literal', text: "'" });
      return pattern.length;
    }
    throw illegalPattern('a single quote has no end.');
  }

  private number(field: Field, min: number, max: number, sign: NumberStep['sign'], reduced = false): void {
    const step: NumberStep = { kind: 'number', field, min, max, sign, follow: 0, reduced };
    const { section } = this;
    const base = section.number;
    if (base && min === max && sign === 'never') {
      base.follow += max;
      step.follow = -1;
      section.steps.push(step);
      return;
    }
    if (base) base.follow = -1;
    section.steps.push(step);
    section.number = step;
  }

  /** A fraction of one width takes part in the sharing of digits. */
  private fraction(count: number): void {
    if (count > 9) throw illegalPattern('a fraction has at most nine digits.');
    const min = this.parsing ? 1 : count;
    const base = this.section.number;
    if (min === count && base) {
      base.follow += count;
      this.section.steps.push({ kind: 'fraction', min, max: count, fixed: true });
      return;
    }
    this.add({ kind: 'fraction', min, max: count, fixed: min === count });
  }

  private letter(letter: string, count: number) {
    const tooMany = () => illegalPattern(`'${letter.repeat(count)}' has too many letters.`);
    const plain = plainNumbers[letter];
    if (plain) {
      if (count > 2) throw tooMany();
      return count === 1 ? this.number(plain, 1, 19, 'normal') : this.number(plain, 2, 2, 'never');
    }
    switch (letter) {
      case 'y': {
        const field = this.eraNamed ? 'yearOfEra' : 'year';
        if (count === 2) return this.number(field, 2, 2, 'never', true);
        return this.number(field, count, 19, count < 4 ? 'normal' : 'exceeds');
      }
      case 'M':
      case 'L':
      case 'Q':
      case 'q': {
        const field = letter === 'M' || letter === 'L' ? 'month' : 'quarter';
        if (count === 1) return this.number(field, 1, 19, 'normal');
        return count === 2 ? this.number(field, 2, 2, 'never') : this.add({ kind: 'text', field, full: count === 4 });
      }
      case 'E':
        return this.add({ kind: 'text', field: 'weekday', full: count === 4 });
      case 'G':
        return this.add({ kind: 'text', field: 'era', full: count === 4 });
      case 'a':
        if (count > 1) throw tooMany();
        return this.add({ kind: 'text', field: 'half', full: false });
      case 'D':
        if (count > 3) throw tooMany();
        return count === 1 ? this.number('dayOfYear', 1, 19, 'normal') : this.number('dayOfYear', count, 3, 'never');
      case 'F':
        if (count > 1) throw tooMany();
        return this.number('weekOfMonth', 1, 19, 'normal');
      case 'g':
        return this.number('julianDay', count, 19, 'normal');
      case 'S':
        return this.fraction(count);
      default:
        return this.zone(letter, count, tooMany);
    }
  }

  private zone(letter: string, count: number, tooMany: () => Error) {
    switch (letter) {
      case 'z':
        if (count > 4) throw tooMany();
        return this.add({ kind: 'zoneText', full: count === 4, generic: false });
      case 'v':
        if (count !== 1 && count !== 4) throw tooMany();
        return this.add({ kind: 'zoneText', full: count === 4, generic: true });
      case 'V':
        if (count !== 2) throw tooMany();
        return this.add({ kind: 'zoneId' });
      case 'O':
        if (count !== 1 && count !== 4) throw tooMany();
        return this.add({ kind: 'localOffset', full: count === 4 });
      case 'Z':
        if (count > 5) throw tooMany();
        if (count === 4) return this.add({ kind: 'localOffset', full: true });
        return this.add(
          count === 5
            ? { kind: 'offset', style: 'HH:MM:ss', zero: 'Z' }
            : { kind: 'offset', style: 'HHMM', zero: '+0000' },
        );
      case 'X':
      case 'x': {
        if (count > 5) throw tooMany();
        const zero = letter === 'X' ? 'Z' : count === 1 ? '+00' : count % 2 === 0 ? '+0000' : '+00:00';
        return this.add({ kind: 'offset', style: offsetStyles[count - 1]!, zero });
      }
      default:
        throw illegalPattern(`the letter '${letter}' has no meaning.`);
    }
  }
}

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
