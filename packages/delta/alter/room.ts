import type { TableAlteration, TableEngine } from '@boathouse/contracts';
import type { AddFile, DomainMetadata } from '../actions/types.ts';
import type { DeltaRoom } from '../room.ts';
import { relation, scanOf } from '../scan/relation.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { TableState } from './configure.ts';

/** What an alteration works with: the table as it was read. */
export interface AlterRoom {
  room: DeltaRoom;
  snapshot: ReplayedSnapshot;
  table: TableState;
  engine: TableEngine;
}

/** What an alteration makes of the table, before it is brought into its protocol's form. */
export interface Alteration extends Partial<Pick<TableState, 'metadata' | 'fields'>> {
  operation: string;
  parameters: Record<string, unknown>;
  domains?: DomainMetadata[];
  /** Features that are asked for by name, and those that the change itself needs. */
  asked?: { features: string[]; minReaderVersion: number | null; minWriterVersion: number | null };
  features?: string[];
  /** The change rests on the rows that were there: rows that others add meanwhile disturb it. */
  readsRows?: boolean;
  /** Files that are committed anew as they are. */
  adds?: AddFile[];
}

export type Kind = TableAlteration['kind'];
export type Alter<K extends Kind> = (
  context: AlterRoom,
  change: Extract<TableAlteration, { kind: K }>,
) => Promise<Alteration | null>;

/** The table's live rows with some of its columns, as a relation of the engine. */
export async function rowsOf({ room, snapshot }: AlterRoom, columns: readonly string[]): Promise<string> {
  return relation(scanOf(room), snapshot, await snapshot.files(), columns);
}

/** Rows that fulfil an engine condition. */
export async function countWhere(context: AlterRoom, columns: readonly string[], condition: string): Promise<number> {
  const rows = await rowsOf(context, columns);
  const [found] = await context.engine.rows(`SELECT count(*) AS n FROM ${rows} AS checked WHERE ${condition}`);
  return Number(found?.n ?? 0);
}
