'use client';
import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Kbd } from './kbd';

export const TooltipProvider = ({ children }: { children: ReactNode }) => (
  <Radix.Provider delayDuration={400}>{children}</Radix.Provider>
);

export function Tooltip({
  text,
  shortcut,
  children,
  side = 'bottom',
}: {
  text: ReactNode;
  shortcut?: string;
  children: ReactNode;
  side?: 'top' | 'right' | 'bottom' | 'left';
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          className="z-50 flex max-w-80 items-center gap-2 rounded-control bg-text px-2 py-1 text-bg text-xs"
        >
          {text}
          {shortcut ? <Kbd keys={shortcut} inverse /> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
