'use client';
import { FileUp } from 'lucide-react';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { type ReactNode, useMemo } from 'react';
import { Button } from '@/components/button';
import { UploadDialog } from '../upload/upload-dialog';
import { CatalogTree } from './catalog-tree';
import { partsOf } from './names';

/** The tree stays while the page beside it changes. `?upload=1` asks for a file, for the schema on the page. */
export function CatalogFrame({ children }: { children: ReactNode }) {
  const path = usePathname();
  const search = useSearchParams();
  const router = useRouter();
  const parts = useMemo(() => partsOf(path), [path]);
  const selected = useMemo(() => ({ parts, volume: search.get('kind') === 'volume' }), [parts, search]);
  const withUpload = (upload: boolean) => {
    const query = new URLSearchParams(search);
    query.delete('upload');
    if (upload) query.set('upload', '1');
    return query.size > 0 ? `${path}?${query}` : path;
  };
  return (
    <div className="flex h-full min-h-0">
      <aside aria-label="Catalog tree" className="flex w-64 shrink-0 flex-col border-line border-r bg-surface xl:w-72">
        <div className="min-h-0 flex-1">
          <CatalogTree selected={selected} />
        </div>
        <div className="border-line border-t p-2">
          <Button kind="quiet" icon={FileUp} className="w-full" onClick={() => router.push(withUpload(true))}>
            Upload a file
          </Button>
        </div>
      </aside>
      <div className="min-w-0 flex-1 overflow-auto px-6 pb-10">{children}</div>
      {search.get('upload') === '1' ? (
        <UploadDialog
          onClose={() => router.replace(withUpload(false))}
          {...(parts.length >= 2 ? { schema: { catalog: parts[0]!, schema: parts[1]! } } : {})}
        />
      ) : null}
    </div>
  );
}
