import { join } from 'node:path';
import type { EngineStage } from '@boathouse/contracts';
import { z } from 'zod';
import { escapeGlob, identifier, literal } from '../schema/engine.ts';
import type { MergeRequest } from './types.ts';
import { freeName, type Work } from './work.ts';

/** Columns that the source has beside its own in a merge. */
export interface SourceNames {
  /** Number of the source row. */
  number: string;
  file: string;
  row: string;
  clause: string;
}

const count = z.union([z.bigint(), z.number()]).transform(Number);
const Copied = z.array(z.object({ Count: count }));
const Described = z.array(z.object({ column_name: z.string(), column_type: z.string() }));

/** What Parquet would not give back: the engine writes its widest integers as doubles. */
const stagedType = (type: string): string | null => (/^U?HUGEINT$/.test(type) ? 'DECIMAL(38,0)' : null);

/** The source of a merge, read once into a file: every row has a number, and a query that is not repeatable does no harm. */
export class StagedSource {
  readonly names: SourceNames;
  /** Parenthesised relation of the source's columns and `names.number`. */
  readonly relation: string;
  readonly rows: number;

  private constructor(names: SourceNames, relation: string, rows: number) {
    this.names = names;
    this.relation = relation;
    this.rows = rows;
  }

  static async read(work: Work, stage: EngineStage, source: string): Promise<StagedSource> {
    const columns = Described.parse(await work.engine.rows(`DESCRIBE SELECT * FROM ${source} AS source`));
    const taken = columns.map(({ column_name }) => column_name);
    const path = join(stage.folder, 'source.parquet');
    const inner = columns.map((_, index) => `c${index}`);
    const stored = columns.map(({ column_type }, index) => {
      const type = stagedType(column_type);
      return type ? `CAST(c${index} AS ${type}) AS c${index}` : `c${index}`;
    });
    const [copied] = Copied.parse(
      await work.engine.rows(
        `COPY (SELECT ${stored.join(', ')} FROM ${source} AS source(${inner.join(', ')})) TO ${literal(path)} (FORMAT parquet)`,
      ),
    );
    const names = {
      number: freeName('__number', taken),
      file: freeName('__file', taken),
      row: freeName('__row', taken),
      clause: freeName('__clause', taken),
    };
    const outer = columns.map(({ column_name, column_type }, index) => {
      const value = stagedType(column_type) ? `CAST(c${index} AS ${column_type})` : `c${index}`;
      return `${value} AS ${identifier(column_name)}`;
    });
    const read = `read_parquet(${literal(escapeGlob(path))}) AS staged`;
    const relation = `(SELECT ${outer.join(', ')}, staged.file_row_number AS ${identifier(names.number)} FROM ${read})`;
    return new StagedSource(names, relation, copied?.Count ?? 0);
  }
}

/** The first clause of a list whose condition is TRUE, by its number; -1: none. */
export const clauseOf = (clauses: readonly { condition: string | null }[], first = 0): string =>
  clauses.length === 0
    ? '-1'
    : `CASE ${clauses.map(({ condition }, index) => `WHEN ${condition === null ? 'true' : `(${condition})`} THEN ${first + index}`).join(' ')} ELSE -1 END`;

/** Several source rows may name a row that goes in any case. */
export const onlyDeletes = ({ matched }: MergeRequest): boolean =>
  matched.length === 1 && matched[0]?.condition === null && matched[0].action.kind === 'delete';

export interface Pairs {
  /** Relation of matching rows: file `f`, row `r`, source row `s`, and the clause that acts, or -1. */
  matches: string;
  /**
   * Relation of rows to change: `f`, `r`, `s` (NULL without a match) and `clause`, where clauses of rows without a match are
   * numbered after those of matches.
   */
  moves: string;
}

/**
 * Joins target and source once, by the columns that conditions name, and keeps which rows met: everything else follows from
 * these numbers. An inner join, because the engine does those well for any condition.
 */
export async function findPairs(
  work: Work,
  stage: EngineStage,
  source: StagedSource,
  request: MergeRequest,
  target: string,
): Promise<Pairs> {
  const { file, row } = work.names;
  const { matched, notMatched, notMatchedBySource } = request;
  const targetFile = `target.${identifier(file)}`;
  const targetRow = `target.${identifier(row)}`;
  const number = `source.${identifier(source.names.number)}`;
  const copy = async (name: string, query: string): Promise<string> => {
    const path = join(stage.folder, `${name}.parquet`);
    await work.engine.rows(`COPY (${query}) TO ${literal(path)} (FORMAT parquet)`);
    return `read_parquet(${literal(escapeGlob(path))})`;
  };
  const needsAll = notMatched.length > 0 || notMatchedBySource.length > 0;
  const matches = await copy(
    'matches',
    `SELECT * FROM (SELECT ${targetFile} AS f, ${targetRow} AS r, ${number} AS s, ${clauseOf(matched)} AS clause
     FROM ${target} JOIN ${source.relation} AS source ON (${request.on})) AS pair${needsAll ? '' : ' WHERE clause >= 0'}`,
  );
  const acting = onlyDeletes(request)
    ? `SELECT DISTINCT f, r, CAST(NULL AS BIGINT) AS s, clause FROM ${matches}`
    : `SELECT f, r, s, clause FROM ${matches} WHERE clause >= 0`;
  if (!notMatchedBySource.length) return { matches, moves: `(${acting})` };
  const alone = await copy(
    'alone',
    `SELECT * FROM (SELECT ${targetFile} AS f, ${targetRow} AS r, CAST(NULL AS BIGINT) AS s, ${clauseOf(notMatchedBySource, matched.length)} AS clause
     FROM ${target} WHERE NOT EXISTS (SELECT 1 FROM ${matches} AS pair WHERE pair.f = ${targetFile} AND pair.r = ${targetRow})) AS row WHERE clause >= 0`,
  );
  return { matches, moves: `(${acting} UNION ALL SELECT f, r, s, clause FROM ${alone})` };
}
