'use client';
import type { EngineCheck, EngineCheckStep } from '@boathouse/contracts';
import { CircleCheck, CircleX, LoaderCircle } from 'lucide-react';
import { ErrorState } from '@/components/states';

const titles: Record<EngineCheckStep['name'], string> = {
  address: 'Address',
  tls: 'TLS',
  token: 'Token',
  version: 'Version',
  storage: 'Storage',
  delta: 'Delta Lake',
  write: 'Writing',
};

/** How a try of an engine went: every step with what was found, or what is wrong and what to do. */
export function EngineCheckView({
  check,
  error,
  pending,
}: {
  check: EngineCheck | undefined;
  error: Error | null;
  pending: boolean;
}) {
  if (pending)
    return (
      <p role="status" className="flex items-center gap-2 py-2 text-muted text-sm">
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
        Trying the engine. A Spark that was idle may take a minute.
      </p>
    );
  if (error) return <ErrorState error={error} />;
  if (!check) return null;
  return (
    <ol aria-label="Check" className="flex flex-col gap-1.5 py-2 text-sm">
      {check.steps.map((step) => (
        <li key={step.name} className="grid grid-cols-[16px_88px_minmax(0,1fr)] items-start gap-2">
          {step.ok ? (
            <CircleCheck aria-label="Passed" className="mt-0.5 size-4 text-green" />
          ) : (
            <CircleX aria-label="Failed" className="mt-0.5 size-4 text-red" />
          )}
          <span className="font-medium">{titles[step.name]}</span>
          <span className={step.ok ? 'break-words text-muted' : 'break-words text-red'}>{step.message}</span>
        </li>
      ))}
    </ol>
  );
}
