import type * as Monaco from 'monaco-editor/editor/editor.api.js';

const keywords =
  'add after all alter always analyze and anti any array as asc at between both by cache case cast catalog change check cluster clustered collate column columns comment commit constraint copy create cross cube current current_catalog current_date current_schema current_timestamp current_user data database databases day days declare default delete desc describe detail distinct distribute div drop else end escape except exclude exists expect explain extended external extract fail false fetch filter first flow following for format from full function functions generated global grant grants group grouping having history hour identity if ignore ilike in inner insert intersect interval into is join last lateral left like limit list local location map master matched materialized merge minus minute month natural next no not null nulls of offset on only optimize option options or order outer over overwrite partition partitioned percent pivot preceding primary private privileges properties qualify range recursive refresh regexp rename replace reset respect restore revoke right rlike rollup row rows schema schemas second select semi set sets show some sort stream streaming struct table tables tablesample tblproperties temp temporary then timestamp to trailing true truncate try_cast type unbounded union unique unknown unpivot unset update use using vacuum values version view views violation volume volumes when where window with within year zorder'.split(
    ' ',
  );
const types =
  'bigint binary boolean byte date decimal double float int integer long short smallint string timestamp_ltz timestamp_ntz tinyint variant void'.split(
    ' ',
  );

/** Words that are functions where a parenthesis follows. */
const functions =
  'any array date day first hour if last left map minute month replace right second some struct timestamp year'.split(
    ' ',
  );

/** Words of Spark SQL that are coloured and offered; functions come from the completion of the language. */
export const sparkKeywords = keywords;

/** The language `sparksql`: colours, brackets and comments. Back-ticks quote names, double quotes are strings. */
export function defineSparkSql(monaco: typeof Monaco): void {
  if (monaco.languages.getLanguages().some((language) => language.id === 'sparksql')) return;
  monaco.languages.register({ id: 'sparksql', aliases: ['SQL'] });
  monaco.languages.setLanguageConfiguration('sparksql', {
    comments: { lineComment: '--', blockComment: ['/*', '*/'] },
    brackets: [
      ['(', ')'],
      ['[', ']'],
    ],
    autoClosingPairs: [
      { open: '(', close: ')' },
      { open: '[', close: ']' },
      { open: "'", close: "'", notIn: ['string', 'comment'] },
      { open: '"', close: '"', notIn: ['string', 'comment'] },
      { open: '`', close: '`', notIn: ['string', 'comment'] },
    ],
    wordPattern: /[\p{L}\p{N}_]+/u,
  });
  monaco.languages.setMonarchTokensProvider('sparksql', {
    ignoreCase: true,
    unicode: true,
    keywords,
    types,
    functions,
    tokenizer: {
      root: [
        [/--.*$/, 'comment'],
        [/\/\*/, 'comment', '@comment'],
        [/r'[^']*'|r"[^"]*"/, 'string'],
        [/'/, 'string', '@single'],
        [/"/, 'string', '@double'],
        [/`(?:[^`]|``)*`/, 'identifier'],
        [/:[a-z_]\w*/, 'predefined'],
        [/\d+(?:\.\d+)?(?:e[+-]?\d+)?(?:bd|[lsydf])?\b/, 'number'],
        // A part of a name is a name, also where it could be a word of the language.
        [/\.\s*[\p{L}_]\w*(?!\w*\s*\()/u, 'identifier'],
        [
          /[a-z_]\w*(?=\s*\()/,
          {
            cases: {
              '@functions': 'predefined',
              '@keywords': 'keyword',
              '@types': 'predefined',
              '@default': 'predefined',
            },
          },
        ],
        [/[\p{L}_]\w*/u, { cases: { '@keywords': 'keyword', '@types': 'predefined', '@default': 'identifier' } }],
      ],
      comment: [
        [/\/\*/, 'comment', '@push'],
        [/\*\//, 'comment', '@pop'],
        [/./, 'comment'],
      ],
      single: [
        [/\\./, 'string'],
        [/'/, 'string', '@pop'],
        [/[^\\']+/, 'string'],
      ],
      double: [
        [/\\./, 'string'],
        [/"/, 'string', '@pop'],
        [/[^\\"]+/, 'string'],
      ],
    },
  });
}
