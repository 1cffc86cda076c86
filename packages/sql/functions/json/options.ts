import { userError } from '@boathouse/contracts';
import { literal } from '../../emit/text.ts';
import { unsupported } from '../define.ts';
import type { TextOptions } from '../engine/json-options.ts';
import type { FunctionCall } from '../row.ts';

/** The options argument: a map of text literals. Throws INVALID_OPTIONS.*; options without a meaning are ignored. */
export function optionsArg(call: FunctionCall, index: number): TextOptions {
  const given = call.args[index];
  if (!given) return {};
  if (given.type.kind !== 'map' || !given.name.startsWith('map('))
    throw userError('INVALID_OPTIONS.NON_MAP_FUNCTION', `The options of ${call.name} must be given as map('…', '…').`, {
      sqlState: '42K06',
    });
  const { key, value } = given.type;
  const empty = key.kind === 'void' && value.kind === 'void';
  if (!empty && (key.kind !== 'string' || value.kind !== 'string'))
    throw userError('INVALID_OPTIONS.NON_STRING_TYPE', `The options of ${call.name} must be strings.`, {
      sqlState: '42K06',
    });
  if (!empty && !given.entries) throw unsupported(call, 'the options must be text literals.');
  const options = Object.fromEntries((given.entries ?? []).map(([name, text]) => [name.toLowerCase(), text]));
  if (options.locale !== undefined && !/^en([-_]us)?$/i.test(options.locale))
    throw unsupported(call, 'only the locale en-US is supported.');
  const mode = options.mode?.toUpperCase();
  if (mode !== undefined && mode !== 'PERMISSIVE' && mode !== 'FAILFAST')
    throw userError('PARSE_MODE_UNSUPPORTED', `${call.name} takes the modes PERMISSIVE and FAILFAST.`, {
      sqlState: '42616',
    });
  return options;
}

/** The options as the engine's functions read them. */
export const optionsText = (options: TextOptions): string => literal(JSON.stringify(options));

/** The zone in which instants are read and printed. */
export const zoneOf = (call: FunctionCall, options: TextOptions): string => options.timezone ?? call.session.timeZone;
