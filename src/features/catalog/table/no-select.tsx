import { LockKeyhole } from 'lucide-react';
import { EmptyState } from '@/components/states';

/** Instead of rows, for who may not read them: whom to ask. */
export const NoSelect = ({ ask }: { ask: string | null }) => (
  <EmptyState icon={LockKeyhole} title="You may not read this table">
    {ask ?? 'Ask its owner for SELECT.'}
  </EmptyState>
);
