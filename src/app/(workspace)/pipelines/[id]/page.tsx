import type { Metadata } from 'next';
import { Suspense } from 'react';
import { PipelinePage } from '@/features/pipelines/pipeline-page';

export const metadata: Metadata = { title: 'Pipeline' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <PipelinePage key={id} id={id} />
    </Suspense>
  );
}
