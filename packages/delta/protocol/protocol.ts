import type { Protocol } from '../actions/types.ts';
import { protocolErrors } from './errors.ts';
import { featureName, features, type TableDescription } from './features.ts';

/** PROTOCOL.md "Table Features": protocols as sets of features. Pure. */
export const READER_MAXIMUM = 3;
export const WRITER_MAXIMUM = 7;

const all = Object.entries(features);

/** Every feature that a protocol supports: listed, or implied by a legacy version. Unknown names stay. */
export function featuresOf(protocol: Protocol): Set<string> {
  const { minReaderVersion: reader, minWriterVersion: writer } = protocol;
  const implied = all.flatMap(([name, row]) => {
    const byWriter = writer < WRITER_MAXIMUM && row.legacyWriter !== null && row.legacyWriter <= writer;
    const byReader = row.legacyReader === null || (reader < READER_MAXIMUM && row.legacyReader <= reader);
    return byWriter && byReader ? [name] : [];
  });
  return new Set([
    ...implied,
    ...(writer >= WRITER_MAXIMUM ? (protocol.writerFeatures ?? []) : []),
    ...(reader >= READER_MAXIMUM ? (protocol.readerFeatures ?? []) : []),
  ]);
}

/**
 * The smallest protocol with exactly these features: a legacy one where it implies these and no other, else lists (Spark's
 * normal form). Names that are not known here are taken as they were listed.
 */
export function protocolOf(names: ReadonlySet<string>, listedForReaders: readonly string[] = []): Protocol {
  const isReader = (name: string) => features[name]?.side === 'reader' || listedForReaders.includes(name);
  for (const writer of [1, 2, 3, 4, 5, 6]) {
    const legacy = { minReaderVersion: names.has('columnMapping') ? 2 : 1, minWriterVersion: writer };
    const implied = featuresOf(legacy);
    if (implied.size === names.size && [...implied].every((name) => names.has(name))) return legacy;
  }
  const writerFeatures = [...names].sort();
  const readerOnes = writerFeatures.filter(isReader);
  if (readerOnes.some((name) => features[name]?.legacyReader == null))
    return {
      minReaderVersion: READER_MAXIMUM,
      minWriterVersion: WRITER_MAXIMUM,
      readerFeatures: readerOnes,
      writerFeatures,
    };
  return { minReaderVersion: readerOnes.length ? 2 : 1, minWriterVersion: WRITER_MAXIMUM, writerFeatures };
}

/** With everything that the features rest on. */
function closed(names: Iterable<string>): Set<string> {
  const found = new Set(names);
  for (const name of found) for (const required of features[name]?.requires ?? []) found.add(required);
  return found;
}

export const neededFeatures = (table: TableDescription): string[] =>
  all.flatMap(([name, row]) => (row.needed?.(table) ? [name] : []));

/** What table properties ask of the protocol; the other properties are the metadata's. */
export interface ProtocolRequest {
  features: string[];
  minReaderVersion: number | null;
  minWriterVersion: number | null;
}

/** Spark's protocol for every new table, whatever it holds. */
const NEW_TABLE = ['appendOnly', 'invariants'];

/** The protocol of a new table. Throws WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED. */
export function newProtocol(table: TableDescription, request: ProtocolRequest, more: readonly string[] = []): Protocol {
  const asked = [...NEW_TABLE, ...request.features, ...impliedBy(request), ...more];
  const needed = neededFeatures(table);
  if (needed.includes('allowColumnDefaults') && !asked.includes('allowColumnDefaults'))
    throw protocolErrors.defaultsNotEnabled();
  return protocolOf(withoutTwins(closed([...asked, ...needed])));
}

/**
 * A protocol that also allows what the table needs now; the same object where it allows that already. Throws
 * DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT where a feature must be asked for.
 */
export function upgradedProtocol(
  current: Protocol,
  table: TableDescription,
  request: ProtocolRequest = { features: [], minReaderVersion: null, minWriterVersion: null },
  more: readonly string[] = [],
  isReplaced = false,
): Protocol {
  const before = featuresOf(current);
  const asked = new Set([...before, ...request.features, ...impliedBy(request), ...more]);
  const needed = neededFeatures(table).filter((name) => !asked.has(name) && !hasTwin(name, asked));
  const manual = needed.filter((name) => !features[name]!.upgrades && !(isReplaced && name !== 'allowColumnDefaults'));
  if (manual.includes('allowColumnDefaults')) throw protocolErrors.defaultsNotEnabled();
  if (manual.length) throw protocolErrors.manualEnablement(manual);
  const after = closed([...asked, ...needed]);
  if ([...after].every((name) => before.has(name))) return current;
  return protocolOf(after, current.readerFeatures ?? []);
}

/** The protocol without a feature. */
export function withoutFeature(current: Protocol, name: string): Protocol {
  const left = featuresOf(current);
  left.delete(name);
  return protocolOf(left, current.readerFeatures ?? []);
}

export const supports = (protocol: Protocol, name: string): boolean => featuresOf(protocol).has(name);

/** A preview and the feature that it became are one. */
const hasTwin = (name: string, names: ReadonlySet<string>): boolean => names.has(`${name}-preview`);
function withoutTwins(names: Set<string>): Set<string> {
  return new Set([...names].filter((name) => !hasTwin(name, names) || name === 'domainMetadata'));
}

function impliedBy({ minReaderVersion, minWriterVersion }: ProtocolRequest): string[] {
  if (minWriterVersion === null && minReaderVersion === null) return [];
  const writer = Math.min(minWriterVersion ?? 1, WRITER_MAXIMUM - 1);
  // Versions with lists imply nothing by themselves.
  if ((minWriterVersion ?? 1) >= WRITER_MAXIMUM) return [];
  return [...featuresOf({ minReaderVersion: Math.min(minReaderVersion ?? 1, 2), minWriterVersion: writer })];
}

const FEATURE_PREFIX = 'delta.feature.';

/** Takes what is about the protocol out of table properties. Throws DELTA_UNSUPPORTED_FEATURES_IN_CONFIG and others. */
export function protocolRequest(properties: Readonly<Record<string, string>>): {
  request: ProtocolRequest;
  rest: Record<string, string>;
} {
  const request: ProtocolRequest = { features: [], minReaderVersion: null, minWriterVersion: null };
  const rest: Record<string, string> = {};
  for (const [key, value] of Object.entries(properties)) {
    const lower = key.toLowerCase();
    if (lower.startsWith(FEATURE_PREFIX)) {
      const wanted = key.slice(FEATURE_PREFIX.length);
      const name = featureName(wanted);
      if (!name || features[name]!.write === 'no') throw protocolErrors.unknownFeature(wanted);
      if (value.toLowerCase() !== 'supported' && value.toLowerCase() !== 'enabled')
        throw protocolErrors.badFeatureStatus(name, value);
      request.features.push(name);
    } else if (lower === 'delta.minreaderversion') request.minReaderVersion = versionOf(key, value, [1, 2, 3]);
    else if (lower === 'delta.minwriterversion')
      request.minWriterVersion = versionOf(key, value, [1, 2, 3, 4, 5, 6, 7]);
    else if (lower !== 'delta.ignoreprotocoldefaults') rest[key] = value;
  }
  return { request, rest };
}

function versionOf(name: string, value: string, known: readonly number[]): number {
  const version = Number(value);
  if (!known.includes(version)) throw protocolErrors.badVersion(name, value);
  return version;
}
