import type { Metadata } from 'next';
import { CatalogsPage } from '@/features/catalog/catalogs-page';

export const metadata: Metadata = { title: 'Catalog' };

export default function Page() {
  return <CatalogsPage />;
}
