import {
  BoathouseError,
  type Principal,
  type Requirement,
  type RunEvent,
  type RunEventRow,
} from '@boathouse/contracts';
import type { RunRecord } from './record.ts';

/** Privileges without which one may not see what was made of an object. Those to change it say nothing about reading. */
const readPrivileges = new Set<Requirement['privilege']>([
  'SELECT',
  'READ VOLUME',
  'USE CATALOG',
  'USE SCHEMA',
  'BROWSE',
  'ALL PRIVILEGES',
]);

export const readRequirements = (requires: Requirement[]): Requirement[] =>
  requires.filter((it) => readPrivileges.has(it.privilege));

/** What an output tells the names of (SHOW, DESCRIBE): whoever ran it was told them. */
const isName = (it: Requirement): boolean => it.privilege === 'BROWSE';

/** Answers whether a person may see outputs; remembers the answer for a moment, as one run asks it for every event. */
export function createVisibility(
  authorise: (principal: Principal, workspaceId: string, requires: Requirement[]) => Promise<void>,
  clock: () => number,
) {
  const keepMs = 2000;
  const known = new Map<string, { untilMs: number; answer: Promise<{ message: string } | null> }>();

  async function ask(
    principal: Principal,
    run: RunRecord,
    requires: Requirement[],
  ): Promise<{ message: string } | null> {
    const refusal = async (some: Requirement[]): Promise<string | null> => {
      try {
        await authorise(principal, run.workspaceId, some);
        return null;
      } catch (error) {
        if (error instanceof BoathouseError && error.fault === 'user') return error.message;
        throw error;
      }
    };
    const message = await refusal(requires.filter((it) => !isName(it)));
    if (message !== null) return { message };
    if (principal.userId === run.principalId || (await refusal(requires.filter(isName))) === null) return null;
    // The refusal would tell the name.
    return {
      message: `This lists what ${run.principalName} may see, and you may not see all of it. Run it yourself, or ask ${run.principalName}.`,
    };
  }

  return (principal: Principal, run: RunRecord): Promise<{ message: string } | null> => {
    // A tile runs with its publisher's rights for all who see the dashboard; seeing that was checked before.
    if (run.kind === 'tile') return Promise.resolve(null);
    const requires = readRequirements(run.requires);
    if (requires.length === 0) return Promise.resolve(null);
    const key = `${principal.userId} ${principal.admin} ${run.id} ${requires.length}`;
    const hit = known.get(key);
    if (hit && hit.untilMs > clock()) return hit.answer;
    const answer = ask(principal, run, requires);
    known.set(key, { untilMs: clock() + keepMs, answer });
    if (known.size > 5000) for (const [old, entry] of known) if (entry.untilMs <= clock()) known.delete(old);
    answer.catch(() => known.delete(key));
    return answer;
  };
}

const outputs = new Set<RunEvent['type']>(['stream', 'display', 'result', 'read', 'write', 'flow']);

/** The row as somebody without the grants may see it; null for outputs. */
export function withoutOutput(row: RunEventRow, message: string): RunEventRow | null {
  if (outputs.has(row.event.type)) return null;
  if (row.event.type === 'progress') return { ...row, event: { type: 'progress', message: '' } };
  if (row.event.type !== 'finished' || !row.event.error) return row;
  return { ...row, event: { ...row.event, error: { ...row.event.error, message, detail: undefined } } };
}
