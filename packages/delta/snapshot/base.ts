import type { ObjectStore } from '@boathouse/contracts';
import { z } from 'zod';
import { parseLossless } from '../actions/json.ts';
import { parseAction } from '../actions/schemas.ts';
import type { AddFile, RemoveFile } from '../actions/types.ts';
import { addText, type CheckpointSource, countOf, kindTexts, reading } from '../checkpoint/source.ts';
import { addOfText, type TimeLeaves } from '../checkpoint/struct-stats.ts';
import { summaryOfRows, summarySql } from '../checksum/by-engine.ts';
import type { FileFacts, Summary } from '../checksum/summary.ts';
import { identitySql } from '../log/identity.ts';
import { literal } from '../schema/engine.ts';
import { type BoundColumn, boundsSelect, ROW_BITS, rowId } from './bounds.ts';
import { KeptTables } from './tables.ts';

/** A condition over `lo, hi, top, nulls, n` of one column (`boundsSelect`). */
export interface BoundCondition {
  column: BoundColumn;
  sql: string;
}

export interface Sums {
  files: number;
  bytes: number;
  /** Null where a file's statistics do not say. */
  rows: number | null;
}

/** Up to so many rows are fetched by their numbers; more by one pass over the checkpoint. */
const FETCHED_BY_NUMBER = 2000;
const FILES_AT_HAND = 10_000;
const GROUPS_BY_NUMBER = 64;
const KEYS_A_QUERY = 4000;

const wide = z.union([z.bigint(), z.number()]).transform(Number);
const Texts = z.array(z.object({ text: z.string() }));
const Numbers = z.array(z.object({ rid: z.bigint() }));
const SumsRow = z.array(z.object({ files: wide, bytes: wide, counted: wide, rows: wide }));
const Found = z.array(z.object({ key: z.string(), size: wide, rows: wide.nullable(), deleted: wide.nullable() }));

/**
 * The files of a large checkpoint: immutable, and left in Parquet for the engine to ask. A snapshot lays the commits after
 * it on top; only files that survive a question come into memory. What the questions need again and again (bounds of a
 * column, identities) is kept in tables of the engine, one narrow table a column.
 */
export class FileBase {
  readonly source: CheckpointSource;
  /** Live files of the checkpoint. */
  readonly numFiles: number;
  readonly root: string;
  /** Version of the table whose files these are. */
  readonly version: number;
  private readonly times: TimeLeaves;
  private readonly tables: KeptTables;
  private sizes: Promise<{ bytes: number }> | null = null;
  private counts: Promise<number | null> | null = null;
  private readonly recent = new Map<bigint, AddFile>();
  private readonly known = new Map<string, FileFacts | null>();
  private summed: Promise<Summary> | null = null;

  private constructor(source: CheckpointSource, numFiles: number, root: string, times: TimeLeaves, version: number) {
    this.source = source;
    this.numFiles = numFiles;
    this.root = root;
    this.version = version;
    this.times = times;
    this.tables = new KeptTables(source.engine);
  }

  /** `root`: the table's folder as `ObjectStore.uri` names it. */
  static async open(source: CheckpointSource, root: string, times: TimeLeaves, version: number): Promise<FileBase> {
    const told = countOf(source, 'add, path');
    const base = new FileBase(source, told ?? 0, root, times, version);
    if (told !== null) return base;
    const [row] = await base.rows(
      `SELECT count(*) AS n FROM ${source.relation} AS scan WHERE scan."add"."size" IS NOT NULL`,
    );
    return new FileBase(source, Number(row?.n), root, times, version);
  }

  /** Whether its files are still there, for others clean up logs, and stay readable until the next time somebody asks. */
  async isThere(store: ObjectStore): Promise<boolean> {
    const [key] = this.source.keys;
    if (!key || key === this.source.uris[0]) return true;
    if ((await store.head(key)) === null) return false;
    await store.localise(this.source.keys);
    return true;
  }

  /** Every file, for work that changes all of them; or the first so many. */
  async files(most?: number): Promise<AddFile[]> {
    return this.parse(
      await this.rows(
        `SELECT ${addText(this.source)} AS "text" FROM ${this.source.relation} AS scan WHERE scan."add"."size" IS NOT NULL${most === undefined ? '' : ` LIMIT ${most}`}`,
      ),
    );
  }

  /** Files for which no condition is false: a superset of those that may match. */
  async candidates(conditions: readonly BoundCondition[]): Promise<AddFile[]> {
    const columns = new Map<string, { column: BoundColumn; all: string[] }>();
    for (const { column, sql } of conditions) {
      const key = `bounds\0${column.kind}\0${column.isPartition}\0${column.path.join('\0')}`;
      const entry = columns.get(key) ?? { column, all: [] };
      entry.all.push(sql);
      columns.set(key, entry);
    }
    const selects: string[] = [];
    for (const [key, { column, all }] of columns) {
      const relation = await this.tables.relation(key, () => boundsSelect(this.source, column));
      selects.push(`SELECT rid FROM ${relation} AS bounds WHERE ${all.join(' AND ')}`);
    }
    const matching = selects.join(' INTERSECT ');
    const found = Numbers.parse(await this.rows(`SELECT rid FROM (${matching}) LIMIT ${FETCHED_BY_NUMBER + 1}`));
    if (found.length <= FETCHED_BY_NUMBER) return this.fetch(found.map(({ rid }) => rid));
    const select = `SELECT ${addText(this.source)} AS "text" ${this.from()} AND ${rowId} IN (SELECT rid FROM (${matching}))`;
    return this.parse(await this.rows(select));
  }

  /** Files by the numbers of their rows: those that the last questions brought are at hand. */
  private async fetch(rids: readonly bigint[]): Promise<AddFile[]> {
    const missing = rids.filter((rid) => !this.recent.has(rid));
    const at = new Map(
      rids.flatMap((rid): [bigint, AddFile][] => {
        const file = this.recent.get(rid);
        return file ? [[rid, file]] : [];
      }),
    );
    if (missing.length) {
      const branches = this.byNumber(missing) ?? [`${this.from()} AND ${rowId} IN (${missing.join(', ')})`];
      const text = addText(this.source);
      const rows = await this.rows(
        branches.map((from) => `SELECT ${rowId} AS rid, ${text} AS "text" ${from}`).join(' UNION ALL '),
      );
      const numbers = Numbers.parse(rows);
      if (this.recent.size + rows.length > FILES_AT_HAND) this.recent.clear();
      for (const [index, file] of this.parse(rows).entries()) {
        const { rid } = numbers[index]!;
        at.set(rid, file);
        this.recent.set(rid, file);
      }
    }
    return [...at.values()];
  }

  /** One read a row group that holds some of the rows, or null where one pass over everything is better. */
  private byNumber(rids: readonly bigint[]): string[] | null {
    if (rids.length > FETCHED_BY_NUMBER) return null;
    const groups = new Map<number, bigint[]>();
    for (const rid of rids) {
      const file = Number(rid >> BigInt(ROW_BITS));
      const row = rid & ((1n << BigInt(ROW_BITS)) - 1n);
      const group = this.source.groups.findIndex(
        (candidate) => candidate.file === file && row >= candidate.first && row < candidate.first + candidate.rows,
      );
      if (group < 0) return null;
      groups.set(group, [...(groups.get(group) ?? []), row]);
    }
    if (groups.size > GROUPS_BY_NUMBER || groups.size > this.source.groups.length * 0.7) return null;
    return [...groups].map(([index, rows]) => {
      const { file, first, rows: count } = this.source.groups[index]!;
      return `FROM ${this.source.relation} AS scan WHERE scan.file_index = ${file} AND scan.file_row_number BETWEEN ${first} AND ${first + count - 1} AND scan.file_row_number IN (${rows.join(', ')})`;
    });
  }

  /** Sums that somebody has told of the very version. */
  trust(bytes: number, rows: number | null): void {
    this.sizes = Promise.resolve({ bytes });
    if (rows !== null) this.counts = Promise.resolve(rows);
  }

  /** All files' sums. */
  async sums(): Promise<{ bytes: number }> {
    this.sizes ??= this.rows(`SELECT coalesce(sum(scan."add"."size"), 0) AS bytes ${this.from()}`).then(([row]) => ({
      bytes: Number(row?.bytes),
    }));
    try {
      return await this.sizes;
    } catch (error) {
      this.sizes = null;
      throw error;
    }
  }

  /** Rows by statistics with deleted ones taken off, or null. */
  async rowCount(): Promise<number | null> {
    this.counts ??= this.rows(
      `SELECT count(*) AS files, 0 AS bytes, count(live) AS counted, coalesce(sum(live), 0) AS "rows" FROM (SELECT ${this.liveRows()} AS live ${this.from()})`,
    ).then((rows) => {
      const [sums] = SumsRow.parse(rows);
      return sums && sums.counted === sums.files ? sums.rows : null;
    });
    try {
      return await this.counts;
    } catch (error) {
      this.counts = null;
      throw error;
    }
  }

  /** Sums of those of the base's files that have these identities. */
  async sumsOf(identities: readonly string[], withRows: boolean): Promise<Sums> {
    const sums: Sums = { files: 0, bytes: 0, rows: withRows ? 0 : null };
    for (const file of (await this.found(identities)).values()) {
      sums.files++;
      sums.bytes += file.size;
      sums.rows = sums.rows === null || file.rows === null ? null : sums.rows + file.rows;
    }
    return sums;
  }

  /** Those of the base's files that have these identities. */
  async found(identities: readonly string[]): Promise<Map<string, FileFacts>> {
    await this.look(identities.filter((key) => !this.known.has(key)));
    const found = new Map<string, FileFacts>();
    for (const key of identities) {
      const file = this.known.get(key);
      if (file) found.set(key, file);
    }
    return found;
  }

  /** What a version checksum says of all the files. One pass, kept. */
  async summary(): Promise<Summary> {
    this.summed ??= this.sumUp();
    try {
      return await this.summed;
    } catch (error) {
      this.summed = null;
      throw error;
    }
  }

  private async sumUp(): Promise<Summary> {
    const files = `SELECT scan."add"."size" AS size, ${this.liveRows()} AS live, ${this.deleted()} AS deleted ${this.from()}`;
    return summaryOfRows(await this.rows(summarySql(files)));
  }

  private async look(identities: readonly string[]): Promise<void> {
    for (let start = 0; start < identities.length; start += KEYS_A_QUERY) {
      const part = identities.slice(start, start + KEYS_A_QUERY);
      // A hash of 64 bits finds them, the identity itself decides.
      const hashed = await this.tables.relation('identities', async () => {
        return `SELECT ${rowId} AS rid, hash(${this.identity()}) AS h ${this.from()}`;
      });
      const wanted = `(SELECT unnest([${part.map(literal).join(', ')}]) AS key)`;
      const rids = Numbers.parse(
        await this.rows(`SELECT rid FROM ${hashed} AS hashed WHERE h IN (SELECT hash(key) FROM ${wanted})`),
      ).map(({ rid }) => rid);
      for (const key of part) this.known.set(key, null);
      if (!rids.length) continue;
      const branches = this.byNumber(rids) ?? [`${this.from()} AND ${rowId} IN (${rids.join(', ')})`];
      const columns = `${this.identity()} AS key, scan."add"."size" AS size, ${this.liveRows()} AS "rows", ${this.deleted()} AS deleted`;
      const found = Found.parse(
        await this.rows(branches.map((from) => `SELECT ${columns} ${from}`).join(' UNION ALL ')),
      );
      for (const { key, ...facts } of found) if (this.known.has(key)) this.known.set(key, facts);
    }
  }

  /** Numbers of the rows whose identities are among the `key`s of a relation. */
  async rowsOf(keys: string): Promise<bigint[]> {
    const sql = `SELECT ${rowId} AS rid ${this.from()} AND ${this.identity()} IN (SELECT key FROM ${keys})`;
    return Numbers.parse(await this.rows(sql)).map(({ rid }) => rid);
  }

  /** Tombstones that the checkpoint holds. */
  async tombstones(): Promise<RemoveFile[]> {
    const texts = await kindTexts(this.source, 'remove');
    return texts.flatMap((text) => {
      const action = parseAction('remove', parseLossless(text), this.source.keys[0] ?? '');
      return 'remove' in action ? [action.remove] : [];
    });
  }

  /** Engine expression: the identity of a row's `add` (or `remove`). */
  identity(kind: 'add' | 'remove' = 'add'): string {
    const hasVector = this.source[kind === 'add' ? 'addFields' : 'removeFields'].has('deletionVector');
    return identitySql(`scan."${kind}".path`, hasVector ? `scan."${kind}".deletionVector` : null, this.root);
  }

  private liveRows(): string {
    const { source } = this;
    const parsed = source.addFields.has('stats_parsed') && (countOf(source, 'add, stats_parsed, numRecords') ?? 1) > 0;
    const whole = parsed && countOf(source, 'add, stats_parsed, numRecords') === this.numFiles;
    const json = source.addFields.has('stats') ? [`TRY_CAST(scan."add".stats ->> '/numRecords' AS BIGINT)`] : [];
    const struct = parsed ? ['TRY_CAST(scan."add".stats_parsed.numRecords AS BIGINT)'] : [];
    const rows = whole ? struct : [...struct, ...json];
    const deleted = source.addFields.has('deletionVector')
      ? ' - coalesce(scan."add".deletionVector.cardinality, 0)'
      : '';
    return `(coalesce(${[...rows, 'NULL'].join(', ')})${deleted})::BIGINT`;
  }

  /** Rows of a file's deletion vector, or NULL. */
  private deleted(): string {
    return this.source.addFields.has('deletionVector') ? 'scan."add".deletionVector.cardinality' : 'NULL::BIGINT';
  }

  private from(): string {
    return `FROM ${this.source.relation} AS scan WHERE scan."add"."size" IS NOT NULL`;
  }

  private rows(sql: string): Promise<Record<string, unknown>[]> {
    return reading(this.source.keys[0] ?? '', () => this.source.engine.rows(sql));
  }

  private parse(rows: Record<string, unknown>[]): AddFile[] {
    const where = this.source.keys[0] ?? '';
    return Texts.parse(rows).flatMap(({ text }) => {
      const action = parseAction('add', addOfText(text, this.times), where);
      return 'add' in action ? [action.add] : [];
    });
  }
}
