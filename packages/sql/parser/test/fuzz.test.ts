import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoathouseError } from '@boathouse/contracts';
import { walk } from '../../ast/index.ts';
import { parseStatements, splitStatements, tokenize } from '../index.ts';

const seeds = [
  `WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 5) SELECT n, count(*) OVER (PARTITION BY n % 2 ORDER BY n DESC NULLS LAST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) c FROM a QUALIFY c > 1 ORDER BY ALL LIMIT 3`,
  `SELECT /*+ BROADCAST(b) */ DISTINCT t.* EXCEPT (x), transform(xs, (x, i) -> x + i)[0].f::array<map<int,string>>, CASE WHEN a IS NOT DISTINCT FROM b THEN 'it''s' ELSE X'1F' END FROM a LEFT SEMI JOIN (b CROSS JOIN c) USING (k), LATERAL explode(xs) AS e(x) WHERE NOT a LIKE ANY ('x%', r'\\y') AND (a, b) IN (SELECT 1, 2)`,
  `CREATE OR REFRESH PRIVATE STREAMING TABLE s (id BIGINT NOT NULL COMMENT 'k', CONSTRAINT ok EXPECT (id > 0) ON VIOLATION DROP ROW) CLUSTER BY (id) TBLPROPERTIES ('a.b' = 'c', d.e = 1) AS SELECT * FROM STREAM read_files('/Volumes/a/b/c', format => 'json', header => true)`,
  `INSERT INTO main.s.t PARTITION (d = '1', e) (a, b) VALUES (1, interval '1-2' year to month), (-9223372036854775808L, timestamp '2024-01-01'); DESCRIBE HISTORY t LIMIT 3; -- comment \\\n more\n`,
  `SELECT * FROM t VERSION AS OF 3 TABLESAMPLE (5 PERCENT) PIVOT (sum(v) AS s FOR (a, b) IN ((1, 'x') AS p, (2, 'y'))) UNPIVOT INCLUDE NULLS ((v, w) FOR n IN ((a, b) AS q)) LATERAL VIEW OUTER explode(m) l AS k, v GROUP BY GROUPING SETS ((a), (), ROLLUP (a, b)) HAVING grouping(a) = 0 WINDOW w AS (ORDER BY a)`,
  `GRANT SELECT, USE SCHEMA ON SCHEMA main.s TO \`a@b.org\`; SET TIME ZONE 'UTC'; SHOW GRANTS \`x\` ON TABLE a.b.c; MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE; /* a /* nested */ comment */ EXPLAIN SELECT :p, ?, v:a.b[0], trim(BOTH 'x' FROM y), 1e3, .5, 5BD, 1a FROM \`we\`\`ird\``,
];

/** mulberry32: small, seeded, good enough to choose edits. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function mutate(text: string, next: () => number): string {
  const at = () => Math.floor(next() * (text.length + 1));
  const noise = [
    '(',
    ')',
    "'",
    '"',
    '`',
    ';',
    '--',
    '/*',
    '*/',
    ',',
    '.',
    '<',
    '>>',
    'SELECT',
    ' FROM ',
    'BY',
    '\\',
    '\u0000',
    '😀',
    '}',
    '@',
    ':',
  ];
  const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
  switch (Math.floor(next() * 5)) {
    case 0:
      return text.slice(0, from);
    case 1:
      return text.slice(from);
    case 2:
      return text.slice(0, from) + text.slice(Math.min(to, from + 12));
    case 3:
      return text.slice(0, from) + noise[Math.floor(next() * noise.length)] + text.slice(from);
    default:
      return text.slice(0, from) + seeds[Math.floor(next() * seeds.length)]!.slice(0, to) + text.slice(from);
  }
}

/** Everything the parser promises of any text. */
function check(text: string): void {
  const { tokens } = tokenize(text);
  for (let at = 1; at < tokens.length; at += 1) assert.ok(tokens[at]!.start >= tokens[at - 1]!.end, 'tokens overlap');
  for (const part of splitStatements(text)) assert.equal(text.slice(part.start, part.end), part.text);
  try {
    for (const { statement, start, end } of parseStatements(text)) {
      walk(statement, (node) => {
        const { range } = node as { range?: { start: number; end: number } };
        assert.ok(
          !range || (range.start >= start && range.end <= end && range.start <= range.end),
          `range of ${node.kind}`,
        );
        return undefined;
      });
    }
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    assert.ok(
      error.position && error.position.start >= 0 && error.position.end <= text.length,
      'an error has its place',
    );
    assert.ok(error.sqlState, `${error.code} has an SQL state`);
  }
}

test('half-written and damaged text is parsed or refused with a place, never anything else', () => {
  for (let seed = 1; seed <= 6000; seed += 1) {
    const next = random(seed);
    let text = seeds[seed % seeds.length]!;
    for (let edit = 0; edit <= seed % 4; edit += 1) text = mutate(text, next);
    try {
      check(text);
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause: error });
    }
  }
});

test('the statements that the fuzz begins with are valid', () => {
  for (const text of seeds) assert.ok(parseStatements(text).length > 0);
});

test('nesting and chains without end are refused and take linear time', () => {
  const nests: [string, string][] = [
    ['(', ')'],
    ['((SELECT ', ') + 1)'],
    ['trim(', ')'],
    ['substring(a AND ', ' FROM 1)'],
    ['NOT ', ''],
    ['- ', ''],
    ['CASE WHEN ', ' THEN 1 END'],
    ['x -> ', ''],
    ['date_add(day, ', ', 1)'],
    ['EXISTS (SELECT ', ')'],
    ['cast(', ' AS int)'],
  ];
  const start = performance.now();
  for (const [open, close] of nests) {
    for (const depth of [20, 60, 5000]) check(`SELECT ${open.repeat(depth)}1${close.repeat(depth)}`);
  }
  check(`SELECT cast(1 AS ${'array<'.repeat(5000)}int${'>'.repeat(5000)})`);
  check(`${'SELECT * FROM ('.repeat(5000)}t${')'.repeat(5000)}`);
  for (const operator of [' + 1', ' OR a', ' = 1', '::int', '[0]', ' UNION SELECT 1', ' INTERSECT SELECT 1']) {
    assert.throws(
      () => parseStatements(`SELECT a${operator.repeat(20_000)}`),
      { code: 'STATEMENT_TOO_COMPLEX', sqlState: '54001' },
      operator,
    );
  }
  check(`SELECT a${' OR a'.repeat(4000)}`);
  assert.ok(performance.now() - start < 5000);
});
