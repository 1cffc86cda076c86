'use client';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { create } from 'zustand';

interface Toast {
  id: number;
  tone: 'done' | 'error';
  text: string;
  action?: { label: string; run: () => void };
}

interface ToastStore {
  toasts: Toast[];
  add: (toast: Omit<Toast, 'id'>) => void;
  remove: (id: number) => void;
}

let next = 1;
const useToasts = create<ToastStore>((set) => ({
  toasts: [],
  add: (toast) => {
    const id = next++;
    set((state) => ({ toasts: [...state.toasts.slice(-3), { ...toast, id }] }));
    setTimeout(
      () => set((state) => ({ toasts: state.toasts.filter((one) => one.id !== id) })),
      toast.tone === 'error' ? 10_000 : 5000,
    );
  },
  remove: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));

/** Says that something was done (with an undo, where there is one) or why it was not. */
export const toast = {
  done: (text: string, action?: Toast['action']) =>
    useToasts.getState().add({ tone: 'done', text, ...(action ? { action } : {}) }),
  error: (error: unknown) =>
    useToasts.getState().add({ tone: 'error', text: error instanceof Error ? error.message : String(error) }),
};

export function Toasts(): ReactNode {
  const { toasts, remove } = useToasts();
  return (
    <div aria-live="polite" className="fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-32px)] flex-col gap-2">
      {toasts.map((one) => (
        <div
          key={one.id}
          className="flex items-start gap-2 rounded-card border border-line bg-surface px-3 py-2.5 text-sm shadow-lg"
        >
          {one.tone === 'done' ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-green" />
          ) : (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-red" />
          )}
          <span className="min-w-0 flex-1 break-words">{one.text}</span>
          {one.action ? (
            <button
              type="button"
              className="font-medium text-accent hover:underline"
              onClick={() => {
                one.action?.run();
                remove(one.id);
              }}
            >
              {one.action.label}
            </button>
          ) : null}
          <button
            type="button"
            aria-label="Dismiss"
            onClick={() => remove(one.id)}
            className="text-faint hover:text-text"
          >
            <X aria-hidden className="size-4" />
          </button>
        </div>
      ))}
    </div>
  );
}
