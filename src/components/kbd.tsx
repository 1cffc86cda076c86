import { classNames } from '@/lib/class-names';

/** A keyboard shortcut: `Ctrl K`, `Shift Enter`. */
export const Kbd = ({ keys, inverse }: { keys: string; inverse?: boolean }) => (
  <kbd
    className={classNames(
      'whitespace-nowrap rounded border px-1 font-mono text-[11px]',
      inverse ? 'border-transparent opacity-80' : 'border-line-strong bg-surface text-muted',
    )}
  >
    {keys}
  </kbd>
);
