'use client';
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Tooltip } from '@/components/tooltip';
import { classNames } from '@/lib/class-names';
import { isCurrent, navigation } from './navigation';

const storageKey = 'boathouse-rail';

/** Navigation: 56 px of icons, 220 px with names; the choice is remembered in this browser. */
export function Rail() {
  const path = usePathname();
  const [wide, setWide] = useState(false);
  useEffect(() => setWide(localStorage.getItem(storageKey) === 'wide'), []);
  const toggle = () => {
    localStorage.setItem(storageKey, wide ? 'narrow' : 'wide');
    setWide(!wide);
  };
  const Toggle = wide ? PanelLeftClose : PanelLeftOpen;
  return (
    <nav
      aria-label="Main"
      className={classNames(
        'flex shrink-0 flex-col gap-1 border-line border-r bg-surface p-2',
        wide ? 'w-[220px]' : 'w-14',
      )}
    >
      {navigation.map(({ href, label, icon: Icon }) => {
        const current = isCurrent(href, path);
        const link = (
          <Link
            key={href}
            href={href}
            aria-label={label}
            aria-current={current ? 'page' : undefined}
            className={classNames(
              'flex h-10 items-center gap-3 rounded-lg px-[11px] text-sm',
              current ? 'bg-accent-soft font-medium text-accent' : 'text-muted hover:bg-sunken hover:text-text',
            )}
          >
            <Icon aria-hidden className="size-[18px] shrink-0" strokeWidth={1.75} />
            {wide ? <span className="truncate">{label}</span> : null}
          </Link>
        );
        return wide ? (
          link
        ) : (
          <Tooltip key={href} text={label} side="right">
            {link}
          </Tooltip>
        );
      })}
      <button
        type="button"
        onClick={toggle}
        aria-label={wide ? 'Collapse navigation' : 'Expand navigation'}
        aria-expanded={wide}
        className="mt-auto flex h-10 items-center gap-3 rounded-lg px-[11px] text-muted hover:bg-sunken hover:text-text"
      >
        <Toggle aria-hidden className="size-[18px]" strokeWidth={1.75} />
      </button>
    </nav>
  );
}
