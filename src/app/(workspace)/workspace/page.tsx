import type { Metadata } from 'next';
import { Suspense } from 'react';
import { WorkspacePage } from '@/features/workspace/workspace-page';

export const metadata: Metadata = { title: 'Workspace' };

export default function Page() {
  return (
    <Suspense>
      <WorkspacePage />
    </Suspense>
  );
}
