'use client';
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** Buttons, right-aligned; the primary one last. */
  actions?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}

/** For what needs an answer. Esc closes; focus is kept inside and returned. */
export function Dialog({ open, onOpenChange, title, description, actions, wide, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          className={classNames(
            '-translate-x-1/2 fixed top-[10vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-32px)] flex-col rounded-card border border-line bg-surface shadow-xl',
            wide ? 'max-w-4xl' : 'max-w-lg',
          )}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <header className="py-2 pt-3.5 pr-12 pl-4">
            <Radix.Title className="break-words text-base">{title}</Radix.Title>
            {description ? (
              <Radix.Description className="mt-0.5 text-muted text-sm">{description}</Radix.Description>
            ) : null}
          </header>
          <div className="min-h-0 flex-1 overflow-auto px-4 py-2">{children}</div>
          {actions ? (
            <footer className="flex justify-end gap-2 border-line border-t px-4 py-3">{actions}</footer>
          ) : null}
          {/* Last in the order of the keyboard, so that a dialog opens with the focus in its content. No tooltip: it
              would take the first Esc for itself. */}
          <Radix.Close
            aria-label="Close"
            className="absolute top-3 right-3 inline-grid size-7 place-items-center rounded-control text-muted hover:bg-sunken hover:text-text"
          >
            <X aria-hidden className="size-4" />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
