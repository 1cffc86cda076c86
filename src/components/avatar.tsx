import { classNames } from '@/lib/class-names';

const colours = [
  'var(--chart-2)',
  'var(--chart-3)',
  'var(--chart-1)',
  'var(--chart-4)',
  'var(--chart-8)',
  'var(--chart-5)',
  'var(--chart-9)',
];

/** The same colour for a person everywhere: their cursor, their avatar. */
export function personColour(id: string): string {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) | 0;
  return colours[Math.abs(hash) % colours.length]!;
}

const initials = (name: string) =>
  name
    .split(/[\s.@_-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((part) => part[0]!.toUpperCase())
    .join('') || '?';

export function Avatar({ id, name, className }: { id: string; name: string; className?: string }) {
  return (
    <span
      role="img"
      aria-label={name}
      title={name}
      style={{ background: `color-mix(in srgb, ${personColour(id)} 62%, black)` }}
      className={classNames(
        'inline-grid size-6 shrink-0 place-items-center rounded-full border-2 border-surface font-semibold text-[10px] text-white',
        className,
      )}
    >
      {initials(name)}
    </span>
  );
}
