'use client';
import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { classNames } from '@/lib/class-names';
import { Tooltip } from './tooltip';

export type ButtonKind = 'primary' | 'default' | 'quiet' | 'danger';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  /** 28 px, or 32 px for the one action of a form. */
  size?: 'normal' | 'large';
  icon?: LucideIcon;
  /** Shows that the action is under way; the button keeps its width and takes no second press. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

const kinds: Record<ButtonKind, string> = {
  primary: 'border-accent bg-accent text-on-accent hover:bg-accent-hover hover:border-accent-hover',
  default: 'border-line-strong bg-surface text-text hover:bg-sunken',
  quiet: 'border-transparent bg-transparent text-muted hover:bg-sunken hover:text-text',
  danger: 'border-line-strong bg-surface text-red hover:bg-red-soft',
};

export function Button({
  kind = 'default',
  size = 'normal',
  icon: Icon,
  busy,
  className,
  children,
  disabled,
  type = 'button',
  ...rest
}: ButtonProps) {
  const Shown = busy ? LoaderCircle : Icon;
  return (
    <button
      type={type}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={classNames(
        'inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-control border font-medium text-sm transition-colors duration-100 disabled:opacity-50',
        size === 'large' ? 'h-8 px-3.5' : 'h-7 px-2.5',
        kinds[kind],
        className,
      )}
      {...rest}
    >
      {Shown ? <Shown aria-hidden className={classNames('size-[15px]', busy && 'animate-spin')} /> : null}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  icon: LucideIcon;
  /** Names the action for screen readers and in the tooltip. */
  label: string;
  shortcut?: string;
  children?: ReactNode;
}

export function IconButton({
  icon: Icon,
  label,
  shortcut,
  kind = 'quiet',
  className,
  busy,
  type = 'button',
  size: _size,
  ...rest
}: IconButtonProps) {
  const Shown = busy ? LoaderCircle : Icon;
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <button
        type={type}
        aria-label={label}
        className={classNames(
          'inline-grid size-7 shrink-0 place-items-center rounded-control border transition-colors duration-100 disabled:opacity-50',
          kinds[kind],
          className,
        )}
        {...rest}
      >
        <Shown aria-hidden className={classNames('size-4', busy && 'animate-spin')} />
      </button>
    </Tooltip>
  );
}
