import { chooseFrom, type Parsed } from '../arguments.ts';
import { formats } from '../format.ts';
import type { OpenTable } from './open.ts';
import type { Print } from './output.ts';
import { showList } from './show.ts';

/** `fsck`: what is missing or damaged, and with `--repair` what can be mended is. Gives 1 where something stays wrong. */
export async function fsck(table: OpenTable, parsed: Parsed, print: Print): Promise<number> {
  const { flags, options } = parsed;
  const found = await table.delta.fsck(table.location, { repair: flags.has('repair'), quick: flags.has('quick') });
  const left = found.problems.filter(({ repaired }) => !repaired);
  switch (chooseFrom(options.format, formats, 'format')) {
    case 'json':
      print(`${JSON.stringify(found, null, 2)}\n`);
      break;
    case 'csv':
      showList(
        found.problems.map((problem) => ({ ...problem })),
        ['kind', 'path', 'version', 'rowsLost', 'repairable', 'repaired', 'what'],
        parsed,
        print,
      );
      break;
    case 'table': {
      const end = (repaired: boolean) => (repaired ? ' Repaired.' : '');
      for (const { kind, path, what, repaired } of found.problems)
        print(`${kind}: ${path}\n    ${what}${end(repaired)}\n`);
      const state = found.version === null ? 'The table cannot be read' : `Version ${found.version}`;
      const problems = found.problems.length === 1 ? '1 problem' : `${found.problems.length || 'no'} problems`;
      const mended = found.problems.length - left.length;
      const commit = found.repairVersion === null ? '' : ` by version ${found.repairVersion}`;
      print(
        `${state}: ${found.filesChecked} files looked at, ${problems}${mended ? `, ${mended} repaired${commit}` : ''}.\n`,
      );
      if (!flags.has('repair') && left.some(({ repairable }) => repairable))
        print('Run the command again with --repair to mend what can be mended.\n');
    }
  }
  return left.length ? 1 : 0;
}
