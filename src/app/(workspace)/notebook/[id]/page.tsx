import type { Metadata } from 'next';
import { Suspense } from 'react';
import { NotebookPage } from '@/features/notebook/notebook-page';

export const metadata: Metadata = { title: 'Notebook' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <NotebookPage key={id} id={id} />
    </Suspense>
  );
}
