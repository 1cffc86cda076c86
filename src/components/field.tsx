'use client';
import { ChevronDown } from 'lucide-react';
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import { classNames } from '@/lib/class-names';

/** Controls fill their place unless they are given a width. */
const widthOf = (className: string | undefined): string => (/(^|\s)w-/.test(className ?? '') ? '' : 'w-full');

const control =
  'rounded-control border border-line-strong bg-surface px-2.5 text-sm text-text placeholder:text-faint disabled:opacity-60 aria-[invalid=true]:border-red';

export interface FieldProps {
  label: string;
  /** What to enter, under the control. */
  hint?: ReactNode;
  error?: string | null;
  /** Keeps the label for screen readers only. */
  hiddenLabel?: boolean;
  className?: string;
  children: (ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ReactNode;
}

/** Label, control, hint and error, wired for screen readers. */
export function Field({ label, hint, error, hiddenLabel, className, children }: FieldProps) {
  const id = useId();
  const note = `${id}-note`;
  const described = hint || error ? { 'aria-describedby': note } : {};
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className={hiddenLabel ? 'sr-only' : 'font-medium text-sm'}>
        {label}
      </label>
      {children({ id, ...described, ...(error ? { 'aria-invalid': true } : {}) })}
      {error ? (
        <p id={note} role="alert" className="text-red text-xs">
          {error}
        </p>
      ) : hint ? (
        <p id={note} className="text-muted text-xs">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

export const Input = ({
  className,
  large,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { large?: boolean; ref?: Ref<HTMLInputElement> }) => (
  <input className={classNames(control, widthOf(className), large ? 'h-8' : 'h-7', className)} {...rest} />
);

export const Textarea = ({
  className,
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) => (
  <textarea className={classNames(control, widthOf(className), 'min-h-16 py-1.5', className)} {...rest} />
);

/** The browser's own list under a control that looks like the others; `className` places and sizes the whole. */
export const Select = ({
  className,
  large,
  children,
  ...rest
}: SelectHTMLAttributes<HTMLSelectElement> & { large?: boolean; ref?: Ref<HTMLSelectElement> }) => (
  <span className={classNames('relative inline-block', widthOf(className), className)}>
    <select className={classNames(control, 'w-full appearance-none truncate pr-7', large ? 'h-8' : 'h-7')} {...rest}>
      {children}
    </select>
    <ChevronDown
      aria-hidden
      className="-translate-y-1/2 pointer-events-none absolute top-1/2 right-2 size-3.5 text-muted"
    />
  </span>
);

export function Checkbox({ label, className, ...rest }: InputHTMLAttributes<HTMLInputElement> & { label: ReactNode }) {
  return (
    <label className={classNames('inline-flex cursor-pointer items-center gap-2 text-sm', className)}>
      <input type="checkbox" className="size-3.5 accent-(--accent)" {...rest} />
      {label}
    </label>
  );
}
