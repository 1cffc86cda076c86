import type { Metadata } from 'next';
import { Suspense } from 'react';
import { JobRunPage } from '@/features/jobs/job-run-page';

export const metadata: Metadata = { title: 'Run of a job' };

export default async function Page({ params }: { params: Promise<{ id: string; runId: string }> }) {
  const { id, runId } = await params;
  return (
    <Suspense>
      <JobRunPage key={runId} id={id} runId={runId} />
    </Suspense>
  );
}
