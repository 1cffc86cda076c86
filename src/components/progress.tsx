/** How far something is; without a number, that it goes on. */
export function Progress({ percent, label }: { percent?: number; label: string }) {
  const known = percent !== undefined;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(known ? { 'aria-valuenow': Math.round(percent) } : {})}
      className="h-1.5 overflow-hidden rounded-full bg-line"
    >
      <div
        className={
          known
            ? 'h-full rounded-full bg-accent transition-[width] duration-100'
            : 'h-full w-1/3 animate-pulse rounded-full bg-accent'
        }
        style={known ? { width: `${Math.min(100, percent)}%` } : undefined}
      />
    </div>
  );
}
