/**
 * JSON of the log without loss: a 64-bit integer beyond 2^53 becomes a bigint, and goes back as its digits. Numbers of
 * statistics that a double cannot hold become their text.
 */
const mayLose = /[\d.]{16,}/;

type Source = { source: string };

/** Integers that a double cannot hold become bigint. Throws SyntaxError. */
export function parseLossless(text: string): unknown {
  if (!mayLose.test(text)) return JSON.parse(text);
  return JSON.parse(text, ((_key: string, value: unknown, context: Source) =>
    typeof value === 'number' &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(context.source)
      ? BigInt(context.source)
      : value) as (key: string, value: unknown) => unknown);
}

/** Numbers with more digits than a double holds become their text. Throws SyntaxError. */
export function parseNumbersExactly(text: string): unknown {
  if (!mayLose.test(text)) return JSON.parse(text);
  return JSON.parse(text, ((_key: string, value: unknown, context: Source) =>
    typeof value === 'number' && context.source.length > 15 && String(value) !== context.source
      ? context.source
      : value) as (key: string, value: unknown) => unknown);
}

interface RawJson {
  rawJSON(text: string): object;
}
const rawJson = JSON as unknown as RawJson;

/** A number by its exact text, for `stringifyLossless`. */
export const exactNumber = (text: string): object => rawJson.rawJSON(text);

export function stringifyLossless(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? rawJson.rawJSON(inner.toString()) : inner,
  );
}
