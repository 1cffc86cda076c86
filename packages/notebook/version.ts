import { digest } from 'lib0/hash/sha256';
import * as Y from 'yjs';
import type { Cell } from './document.ts';

/**
 * The version of a document as text: `<state vector>.<hash>`. Yjs counts insertions in the state vector but not deletions,
 * so the hash over the whole snapshot (deletions too) tells two documents of one vector apart.
 */
export function documentVersion(doc: Y.Doc): string {
  const snapshot = Y.snapshot(doc);
  const hash = hex(digest(Y.encodeSnapshot(snapshot))).slice(0, 16);
  return `${toBase64Url(Y.encodeStateVector(doc))}.${hash}`;
}

/**
 * How a document stands to a version that somebody saw: `same`; `ahead` (it has all insertions of the version, and the
 * deletions may differ); `behind` (something of the version is missing); `unknown` (the text is no version).
 */
export function compareVersion(doc: Y.Doc, version: string): 'same' | 'ahead' | 'behind' | 'unknown' {
  const seen = stateVector(version);
  if (!seen) return 'unknown';
  for (const [client, clock] of seen) if (Y.getState(doc.store, client) < clock) return 'behind';
  return documentVersion(doc) === version ? 'same' : 'ahead';
}

function stateVector(version: string): Map<number, number> | null {
  const text = /^([\w-]+)\.[0-9a-f]{16}$/.exec(version)?.[1];
  if (text === undefined) return null;
  try {
    return Y.decodeStateVector(fromBase64Url(text));
  } catch {
    return null;
  }
}

/** SHA-256 of what a cell runs: its kind and its text. A result whose run had another hash is of older code. */
export const codeHash = (cell: Pick<Cell, 'kind' | 'source'>): string =>
  hex(digest(new TextEncoder().encode(`${cell.kind}\n${cell.source}`)));

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

// btoa and atob are what browsers and Node share.
const toBase64Url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const fromBase64Url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
