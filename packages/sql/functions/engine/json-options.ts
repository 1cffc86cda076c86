import type { JsonLeniency } from './json.ts';

/** Options of the functions over JSON and CSV text: names in lower case. */
export type TextOptions = Readonly<Record<string, string>>;

export const isTrue = (options: TextOptions, name: string, otherwise = false): boolean =>
  (options[name.toLowerCase()]?.toLowerCase() ?? String(otherwise)) === 'true';

/** What Spark's JSON parser takes beyond standard JSON. */
export const leniency = (options: TextOptions): JsonLeniency => ({
  singleQuotes: isTrue(options, 'allowSingleQuotes', true),
  unquotedNames: isTrue(options, 'allowUnquotedFieldNames'),
  leadingZeros: isTrue(options, 'allowNumericLeadingZeros'),
  nonNumbers: isTrue(options, 'allowNonNumericNumbers', true),
  comments: isTrue(options, 'allowComments'),
  controlCharacters: isTrue(options, 'allowUnquotedControlChars'),
  anyEscape: isTrue(options, 'allowBackslashEscapingAnyCharacter'),
});

const parsed = new Map<string, TextOptions>();

/** The options as the planner hands them over: a JSON object. */
export function optionsOf(text: string): TextOptions {
  let options = parsed.get(text);
  if (!options) {
    options = JSON.parse(text) as TextOptions;
    if (parsed.size > 200) parsed.clear();
    parsed.set(text, options);
  }
  return options;
}
