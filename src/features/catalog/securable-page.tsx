'use client';
import { Database } from 'lucide-react';
import Link from 'next/link';
import { EmptyState } from '@/components/states';
import { CatalogPage } from './catalog-page';
import { SchemaPage } from './schema-page';
import { TablePage } from './table/table-page';
import { VolumePage } from './volume/volume-page';

/** Which page an address of one, two or three names shows. */
export function SecurablePage({ parts, volume }: { parts: string[]; volume: boolean }) {
  if (parts.length === 1) return <CatalogPage name={parts[0]!} />;
  if (parts.length === 2) return <SchemaPage parts={parts} />;
  if (parts.length === 3) return volume ? <VolumePage parts={parts} /> : <TablePage parts={parts} />;
  return (
    <EmptyState
      icon={Database}
      title="There is no such page"
      action={
        <Link href="/catalog" className="text-accent hover:underline">
          Open the catalog
        </Link>
      }
    >
      A name in the catalog has three parts: catalog, schema, and table or volume.
    </EmptyState>
  );
}
