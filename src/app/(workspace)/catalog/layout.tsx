import { type ReactNode, Suspense } from 'react';
import { CatalogFrame } from '@/features/catalog/catalog-frame';

export default function CatalogLayout({ children }: { children: ReactNode }) {
  return (
    <Suspense>
      <CatalogFrame>{children}</CatalogFrame>
    </Suspense>
  );
}
