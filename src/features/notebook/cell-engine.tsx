'use client';
import { Cpu, Zap } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { Menu } from '@/components/menu';
import { classNames } from '@/lib/class-names';
import { useEngines } from '../compute/use-engines';

const embedded = 'Embedded';

/**
 * On which engine a cell runs, where there is a choice. One press moves it to the one other engine; of several, a menu chooses. Without
 * `onChoose` it only tells.
 */
export function CellEngine({
  engine,
  position,
  onChoose,
}: {
  engine: string | null;
  position: number;
  onChoose: ((engine: string | null) => void) | undefined;
}) {
  const engines = useEngines().data?.engines ?? [];
  if (engines.length === 0 && engine === null) return null;
  const chosen = engines.find(({ id }) => id === engine);
  const name = engine === null ? embedded : (chosen?.name ?? 'Detached engine');
  if (!onChoose) return <EngineName attached={engine !== null} missing={engine !== null && !chosen} name={name} />;
  const label = `Engine of cell ${position + 1}: ${name}`;
  const [only, ...more] = engines;
  const next = engine === null ? only : null;
  if (more.length === 0)
    return (
      <EngineName
        attached={engine !== null}
        missing={engine !== null && !chosen}
        name={name}
        aria-label={label}
        title={`Move the cell to ${next?.name ?? 'the embedded engine'}`}
        onClick={() => onChoose(next?.id ?? null)}
      />
    );
  return (
    <Menu
      label="Run on"
      trigger={
        <EngineName attached={engine !== null} missing={engine !== null && !chosen} name={name} aria-label={label} />
      }
      items={[
        { label: embedded, icon: Cpu, onSelect: () => onChoose(null) },
        ...engines.map((one) => ({ label: one.name, icon: Zap, onSelect: () => onChoose(one.id) })),
      ]}
    />
  );
}

function EngineName({
  attached,
  missing,
  name,
  ...rest
}: {
  attached: boolean;
  missing: boolean;
  name: string;
  ref?: Ref<HTMLButtonElement>;
} & ButtonHTMLAttributes<HTMLButtonElement>) {
  const Icon = attached ? Zap : Cpu;
  return (
    <button
      type="button"
      disabled={!rest.onClick && !('aria-haspopup' in rest)}
      className={classNames(
        'inline-flex h-6 max-w-40 items-center gap-1 rounded-control px-1.5 enabled:hover:bg-sunken enabled:hover:text-text',
        missing && 'text-red',
        attached && !missing && 'text-accent',
      )}
      {...rest}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{name}</span>
    </button>
  );
}
