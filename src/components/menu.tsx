'use client';
import type { LucideIcon } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';
import { Kbd } from './kbd';

export interface MenuItem {
  label: string;
  icon?: LucideIcon;
  shortcut?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}

export type MenuEntry = MenuItem | 'separator';

/** A button's menu. Arrow keys move, letters jump, Esc closes. */
export function Menu({
  trigger,
  items,
  align = 'end',
  label,
}: {
  trigger: ReactNode;
  items: MenuEntry[];
  align?: 'start' | 'end';
  label?: ReactNode;
}) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          className="z-50 min-w-44 rounded-card border border-line bg-surface p-1 shadow-lg"
        >
          {label ? <DropdownMenu.Label className="px-2 py-1 text-muted text-xs">{label}</DropdownMenu.Label> : null}
          {items.map((item, index) =>
            item === 'separator' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: separators have no identity
              <DropdownMenu.Separator key={`separator-${index}`} className="my-1 h-px bg-line" />
            ) : (
              <DropdownMenu.Item
                key={item.label}
                disabled={item.disabled}
                onSelect={item.onSelect}
                className={classNames(
                  'flex h-7 cursor-default select-none items-center gap-2 rounded-[5px] px-2 text-sm outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-sunken',
                  item.danger && 'text-red',
                )}
              >
                {item.icon ? <item.icon aria-hidden className="size-4 text-muted" /> : null}
                <span className="flex-1">{item.label}</span>
                {item.shortcut ? <Kbd keys={item.shortcut} /> : null}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
