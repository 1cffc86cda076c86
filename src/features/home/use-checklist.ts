'use client';
import { catalogTree, listMembers, listObjects, listRuns } from '@boathouse/contracts';
import { useQuery } from '@tanstack/react-query';
import { call } from '@/lib/api';
import { useMe } from '../session/use-session';

export interface ChecklistItem {
  /** What a press on it does. */
  step: 'samples' | 'upload' | 'run' | 'dashboard' | 'invite';
  label: string;
  done: boolean;
}

/** The first steps, ticked by what is really there; undefined while that is not known. */
export function useChecklist(): ChecklistItem[] | undefined {
  const me = useMe().data;
  const tree = useQuery({ queryKey: ['catalog', 'tree'], queryFn: ({ signal }) => call(catalogTree, { signal }) });
  const runs = useQuery({
    queryKey: ['runs', 'any'],
    queryFn: ({ signal }) => call(listRuns, { query: { kind: 'cell', limit: 1 }, signal }),
  });
  const members = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => call(listMembers, { signal }) });
  const home = useQuery({
    queryKey: ['objects', me?.homePath],
    queryFn: ({ signal }) => call(listObjects, { query: { path: me!.homePath }, signal }),
    enabled: me !== undefined,
  });
  if (!tree.data || !runs.data || !members.data || !home.data) return undefined;
  const schemas = tree.data.catalogs.flatMap((catalog) => catalog.schemas);
  return [
    {
      step: 'samples',
      label: 'Load the sample data',
      done: schemas.some((schema) => schema.name === 'samples' && schema.tables.length > 0),
    },
    {
      step: 'upload',
      label: 'Bring a file of your own',
      done: schemas.some((schema) => schema.name !== 'samples' && schema.tables.length > 0),
    },
    { step: 'run', label: 'Run a cell', done: runs.data.runs.length > 0 },
    {
      step: 'dashboard',
      label: 'Build a dashboard',
      done: home.data.objects.some((object) => object.kind === 'dashboard'),
    },
    { step: 'invite', label: 'Invite a colleague', done: members.data.members.length > 1 },
  ];
}
