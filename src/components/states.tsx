'use client';
import { Check, Copy, type LucideIcon, RotateCw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { classNames } from '@/lib/class-names';
import { Button } from './button';

/** What a list says when nothing is in it: what this is for, and the first step. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <Icon aria-hidden className="size-7 text-faint" strokeWidth={1.5} />
      <h2 className="text-base">{title}</h2>
      {children ? <p className="max-w-md text-muted text-sm">{children}</p> : null}
      {action ? <div className="mt-2 flex gap-2">{action}</div> : null}
    </div>
  );
}

interface ErrorLike {
  message: string;
  code?: string;
  detail?: string;
}

/** What happened, why and the next step; the code can be copied, raw engine text unfolded. */
export function ErrorState({
  error,
  onRetry,
  className,
}: {
  error: ErrorLike;
  onRetry?: () => void;
  className?: string;
}) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(`${error.code ?? ''} ${error.message}`).then(() => setCopied(true));
  };
  return (
    <div
      role="alert"
      className={classNames('rounded-card border border-red/30 bg-red-soft px-3 py-2.5 text-sm', className)}
    >
      <p className="whitespace-pre-wrap break-words text-text">{error.message}</p>
      {error.code || onRetry ? (
        <div className="mt-1.5 flex flex-wrap items-center gap-2">
          {error.code ? (
            <button
              type="button"
              onClick={copy}
              className="-ml-1 inline-flex items-center gap-1 rounded px-1 font-mono text-red text-xs hover:underline"
              aria-label={`Copy the error code ${error.code}`}
            >
              {error.code}
              {copied ? <Check aria-hidden className="size-3" /> : <Copy aria-hidden className="size-3" />}
            </button>
          ) : null}
          {onRetry ? (
            <Button icon={RotateCw} onClick={onRetry}>
              Try again
            </Button>
          ) : null}
        </div>
      ) : null}
      {error.detail ? (
        <details className="mt-1.5">
          <summary className="cursor-pointer text-muted text-xs">More detail</summary>
          <pre className="mt-1 overflow-auto whitespace-pre-wrap text-muted text-xs">{error.detail}</pre>
        </details>
      ) : null}
    </div>
  );
}

export const Skeleton = ({ className }: { className?: string }) => (
  <div aria-hidden className={classNames('animate-pulse rounded bg-line', className)} />
);

/** Rows that hold the place of a list while it loads. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={row} className="flex h-9 items-center gap-4 border-line border-b px-2.5">
          <Skeleton className="h-3 w-1/4" />
          <Skeleton className="h-3 w-1/6" />
          <Skeleton className="ml-auto h-3 w-20" />
        </div>
      ))}
    </div>
  );
}
