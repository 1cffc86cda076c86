import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BoathouseError } from '@boathouse/contracts';
import { type FunctionEntry, functionReference, planStatement } from '@boathouse/sql';
import { admin, MemoryCatalog } from '../conformance/memory-catalog.ts';

/**
 * `npm run docs:functions`: writes docs/sql-functions.md, the functions of Spark SQL with what each is here, from the function table.
 */
const file = join(import.meta.dirname, '../../docs/sql-functions.md');

/** Calls in some shapes: a function that is refused in all of them is not supported. */
const shapes = [
  '()',
  '(NULL)',
  '(1)',
  "('a')",
  '(array(1))',
  "(map('a', 1))",
  "(date '2024-01-01')",
  "('a', 'b')",
  '(1, 2)',
  "(date '2024-01-01', 1)",
  "('a', 'b', 'c')",
  '(1, 2, 3)',
  '(1, 2, 3, 4)',
  '(1 AS int)',
  ' WHEN true THEN 1 END',
];

const unknown =
  /^(UNSUPPORTED_FUNCTION|UNSUPPORTED_FEATURE|UNRESOLVED_|UNRESOLVABLE_|PARSE_|INTERNAL_|INVALID_IDENTIFIER|SYNTAX_|NOT_A_)/;

async function refused(name: string): Promise<boolean> {
  const texts = shapes.flatMap((args) => [`SELECT ${name}${args}`, `SELECT * FROM ${name}${args}`]);
  texts.push(`SELECT ${name}`, `SELECT 1 ${name} 2`, `SELECT ${name} 1`, `SELECT ${name}(DAY FROM date '2024-01-01')`);
  for (const text of texts) if (await answers(text)) return false;
  return true;
}

async function answers(text: string): Promise<boolean> {
  try {
    await planStatement({
      text,
      session: {
        id: 'docs',
        catalog: 'spark_catalog',
        schema: 'default',
        timeZone: 'UTC',
        settings: {},
        tempViews: {},
      },
      principal: admin,
      catalog: new MemoryCatalog(),
      now: new Date(0),
    });
    return true;
  } catch (error) {
    // Wrong arguments are told by a function that is known.
    if (error instanceof BoathouseError) return !unknown.test(error.code);
    throw error;
  }
}

const argsOf = ({ args }: FunctionEntry): string => {
  if (!args) return '';
  if (args.most === args.least) return String(args.least);
  return `${args.least} to ${Number.isFinite(args.most) ? args.most : 'any'}`;
};

/** The page. Functions without a row are tried: some are forms that the parser knows. */
export async function functionsPage(): Promise<string> {
  const lines: string[] = [];
  let here = 0;
  const entries = functionReference();
  for (const entry of entries) {
    const works = entry.args !== undefined || !(await refused(entry.name));
    if (works) here++;
    const state = works ? 'works' : entry.spark ? 'refused; runs on an attached Spark' : 'refused';
    const alias = entry.aliasOf ? `as \`${entry.aliasOf}\`` : '';
    lines.push(`| \`${entry.name}\` | ${entry.kind} | ${argsOf(entry)} | ${state} | ${alias} |`);
  }
  return `# Functions of Spark SQL

What each function of Apache Spark 4.2 is here. Written by \`npm run docs:functions\` from the function table; a test holds it to the table.

**works**: its answers are Spark's in every recorded case that is not refused by name; single forms of it may be refused
(\`UNSUPPORTED_FUNCTION\`, with what is not carried). **refused**: every call is an error that names the function.
${here} of ${entries.length} work on the embedded engine.

| function | kind | arguments | state | |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

if (import.meta.main) {
  const page = await functionsPage();
  if (page !== readFileSync(file, { encoding: 'utf8', flag: 'a+' })) writeFileSync(file, page);
  process.stdout.write(`${file}\n`);
}
