import { classNames } from '@/lib/class-names';

/** The mark: a boathouse's gable over water, and the name. */
export function Brand({ large }: { large?: boolean }) {
  return (
    <span className={classNames('inline-flex items-center gap-2 font-[650]', large ? 'text-xl' : 'text-[15px]')}>
      <svg aria-hidden viewBox="0 0 20 20" className={large ? 'size-7' : 'size-5'}>
        <rect width="20" height="20" rx="6" fill="var(--accent)" />
        <path
          d="M4.5 10 10 5l5.5 5"
          fill="none"
          stroke="var(--on-accent)"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <path
          d="M4.5 14.4c1.4-1.2 2.4-1.2 3.7 0s2.300 1.200 3.600 0 2.300-1.200 3.700 0"
          fill="none"
          stroke="var(--on-accent)"
          strokeWidth="1.8"
          strokeLinecap="round"
        />
      </svg>
      Boathouse
    </span>
  );
}
