import type { OffsetStyle } from './pattern.ts';

const offsetSources: Record<OffsetStyle, RegExp> = {
  HHmm: /^([+-])(\d\d)(?:(\d\d))?/,
  HHMM: /^([+-])(\d\d)(\d\d)/,
  'HH:MM': /^([+-])(\d\d):(\d\d)/,
  HHMMss: /^([+-])(\d\d)(\d\d)(?:(\d\d))?/,
  'HH:MM:ss': /^([+-])(\d\d):(\d\d)(?::(\d\d))?/,
};

/** A signed offset at a position; undefined where there is none. */
export function offsetAtText(
  text: string,
  at: number,
  style: OffsetStyle,
): { seconds: number; end: number } | undefined {
  const match = offsetSources[style].exec(text.slice(at));
  if (!match) return undefined;
  const [hours, minutes, rest] = [Number(match[2]), Number(match[3] ?? 0), Number(match[4] ?? 0)];
  if (hours > 23 || minutes > 59 || rest > 59) return undefined;
  const seconds = hours * 3600 + minutes * 60 + rest;
  return { seconds: match[1] === '-' ? -seconds : seconds, end: at + match[0].length };
}
