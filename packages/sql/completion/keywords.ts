import type { PlaceKind } from './place.ts';

const statements = [
  ...['SELECT', 'WITH', 'INSERT INTO', 'INSERT OVERWRITE', 'CREATE TABLE', 'CREATE OR REPLACE TABLE', 'CREATE VIEW'],
  ...['CREATE OR REPLACE VIEW', 'CREATE TEMPORARY VIEW', 'CREATE SCHEMA', 'CREATE CATALOG', 'CREATE VOLUME'],
  ...[
    'CREATE OR REFRESH STREAMING TABLE',
    'CREATE OR REFRESH MATERIALIZED VIEW',
    'CREATE FLOW',
    'DROP TABLE',
    'DROP VIEW',
  ],
  ...[
    'DROP SCHEMA',
    'DROP VOLUME',
    'DESCRIBE',
    'DESCRIBE EXTENDED',
    'DESCRIBE HISTORY',
    'DESCRIBE DETAIL',
    'SHOW CATALOGS',
  ],
  ...[
    'SHOW SCHEMAS',
    'SHOW TABLES',
    'SHOW VIEWS',
    'SHOW VOLUMES',
    'SHOW COLUMNS IN',
    'SHOW GRANTS ON',
    'USE CATALOG',
    'USE SCHEMA',
  ],
  ...['GRANT', 'REVOKE', 'COMMENT ON', 'EXPLAIN', 'VALUES', 'SET TIME ZONE'],
];
const queries = ['SELECT', 'WITH', 'VALUES', 'TABLE', 'FROM'];
const clauses = [
  ...[
    'WHERE',
    'GROUP BY',
    'HAVING',
    'QUALIFY',
    'ORDER BY',
    'LIMIT',
    'OFFSET',
    'UNION',
    'UNION ALL',
    'INTERSECT',
    'EXCEPT',
    'WINDOW',
  ],
];
const operands = [
  'CASE',
  'CAST(',
  'DATE',
  'DISTINCT',
  'EXISTS (',
  'FALSE',
  'INTERVAL',
  'NOT',
  'NULL',
  'TIMESTAMP',
  'TRUE',
  'TRY_CAST(',
];
const operators = [
  ...[
    'AND',
    'OR',
    'AS',
    'ASC',
    'DESC',
    'BETWEEN',
    'IN',
    'IS NULL',
    'IS NOT NULL',
    'LIKE',
    'ILIKE',
    'RLIKE',
    'NOT',
    'NULLS FIRST',
  ],
  ...['NULLS LAST', 'OVER (', 'PARTITION BY', 'WHEN', 'THEN', 'ELSE', 'END', 'FROM'],
];
const joins = [
  ...[
    'AS',
    'JOIN',
    'LEFT JOIN',
    'RIGHT JOIN',
    'FULL JOIN',
    'CROSS JOIN',
    'LEFT SEMI JOIN',
    'LEFT ANTI JOIN',
    'LATERAL VIEW',
    'ON',
  ],
  ...['USING', 'VERSION AS OF', 'TIMESTAMP AS OF', 'TABLESAMPLE', 'PIVOT', 'UNPIVOT', 'VALUES', 'SELECT'],
];

/** Keywords that may stand at each kind of place, the likely ones first. */
export const keywords: Record<PlaceKind, readonly string[]> = {
  statement: statements,
  query: queries,
  relation: ['LATERAL', 'STREAM', 'VALUES'],
  afterRelation: [...joins, ...clauses],
  expression: operands,
  afterExpression: [...operators, ...clauses, 'ON', 'SET', 'TO', 'VALUES'],
  type: [],
  catalog: [],
  schema: ['CATALOG', 'SCHEMA'],
  none: [],
};

export const typeNames: readonly string[] = [
  ...[
    'ARRAY<',
    'BIGINT',
    'BINARY',
    'BOOLEAN',
    'CHAR(',
    'DATE',
    'DECIMAL(',
    'DOUBLE',
    'FLOAT',
    'INT',
    'INTERVAL',
    'MAP<',
    'SMALLINT',
  ],
  ...['STRING', 'STRUCT<', 'TIMESTAMP', 'TIMESTAMP_NTZ', 'TINYINT', 'VARCHAR(', 'VARIANT'],
];
