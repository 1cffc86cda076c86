import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

export type Tone = 'neutral' | 'green' | 'amber' | 'red' | 'blue' | 'accent';

const tones: Record<Tone, string> = {
  neutral: 'bg-sunken text-muted',
  green: 'bg-green-soft text-green',
  amber: 'bg-amber-soft text-amber',
  red: 'bg-red-soft text-red',
  blue: 'bg-blue-soft text-blue',
  accent: 'bg-accent-soft text-accent',
};

export function Pill({
  tone = 'neutral',
  icon: Icon,
  spin,
  children,
  title,
}: {
  tone?: Tone;
  icon?: LucideIcon;
  spin?: boolean;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span
      title={title}
      className={classNames(
        'inline-flex h-[22px] items-center gap-1.5 whitespace-nowrap rounded-full px-2 font-medium text-xs',
        tones[tone],
      )}
    >
      {Icon ? <Icon aria-hidden className={classNames('size-3.5', spin && 'animate-spin')} /> : null}
      {children}
    </span>
  );
}

interface StatusLook {
  tone: Tone;
  icon: LucideIcon;
  word: string;
  spin?: boolean;
}

/** Every state that a run, task, update or process may be in: an icon and a word, never colour alone. */
const looks: Record<string, StatusLook> = {
  queued: { tone: 'neutral', icon: CircleDashed, word: 'Queued' },
  pending: { tone: 'neutral', icon: CircleDashed, word: 'Pending' },
  blocked: { tone: 'neutral', icon: CircleDashed, word: 'Waiting' },
  waiting: { tone: 'neutral', icon: CircleDashed, word: 'Waiting' },
  running: { tone: 'blue', icon: LoaderCircle, word: 'Running', spin: true },
  terminating: { tone: 'amber', icon: LoaderCircle, word: 'Stopping', spin: true },
  succeeded: { tone: 'green', icon: CircleCheck, word: 'Succeeded' },
  success: { tone: 'green', icon: CircleCheck, word: 'Succeeded' },
  completed: { tone: 'green', icon: CircleCheck, word: 'Completed' },
  failed: { tone: 'red', icon: CircleX, word: 'Failed' },
  error: { tone: 'red', icon: CircleX, word: 'Error' },
  cancelled: { tone: 'amber', icon: Ban, word: 'Cancelled' },
  canceled: { tone: 'amber', icon: Ban, word: 'Cancelled' },
  skipped: { tone: 'neutral', icon: Ban, word: 'Skipped' },
  upstream_failed: { tone: 'amber', icon: Ban, word: 'Upstream failed' },
  upstream_canceled: { tone: 'amber', icon: Ban, word: 'Upstream cancelled' },
  excluded: { tone: 'neutral', icon: Ban, word: 'Excluded' },
  lost: { tone: 'red', icon: CircleAlert, word: 'Lost' },
  idle: { tone: 'neutral', icon: CircleDashed, word: 'Idle' },
  stale: { tone: 'amber', icon: CircleAlert, word: 'Stale' },
};

export function StatusBadge({ status, detail }: { status: string; detail?: string }) {
  const look = looks[status.toLowerCase()] ?? { tone: 'neutral' as const, icon: CircleHelp, word: status };
  return (
    <Pill
      tone={look.tone}
      icon={look.icon}
      {...(look.spin ? { spin: true } : {})}
      {...(detail ? { title: detail } : {})}
    >
      {look.word}
    </Pill>
  );
}
