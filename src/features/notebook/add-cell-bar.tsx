'use client';
import type { CellKind } from '@boathouse/contracts';
import { Plus } from 'lucide-react';
import { classNames } from '@/lib/class-names';
import { kindLabels } from './cell-view';

/** Between two cells: shown when the pointer or the focus is there; after the last one always. */
export function AddCellBar({ onAdd, last }: { onAdd: (kind: CellKind) => void; last: boolean }) {
  return (
    <div
      className={classNames(
        'ml-11 flex h-3.5 items-center justify-center gap-1.5 transition-opacity duration-100',
        last ? 'mt-3 h-7' : 'opacity-0 focus-within:opacity-100 hover:opacity-100',
      )}
    >
      {(Object.keys(kindLabels) as CellKind[]).map((kind) => (
        <button
          key={kind}
          type="button"
          onClick={() => onAdd(kind)}
          className="z-[1] inline-flex h-6 items-center gap-1 rounded-full border border-line bg-surface px-2 text-muted text-xs hover:border-accent hover:text-accent"
        >
          <Plus aria-hidden className="size-3" /> {kindLabels[kind]}
        </button>
      ))}
    </div>
  );
}
