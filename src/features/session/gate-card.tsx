import type { ReactNode } from 'react';
import { Brand } from '@/components/brand';

/** The card of the pages before the workspace: setting up, signing in, accepting an invitation. */
export function GateCard({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  return (
    <main className="grid min-h-full place-items-center px-4 py-12">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex justify-center">
          <Brand large />
        </div>
        <section className="rounded-card border border-line bg-surface p-6">
          <h1 className="text-lg">{title}</h1>
          {text ? <p className="mt-1 text-muted text-sm">{text}</p> : null}
          <div className="mt-4">{children}</div>
        </section>
      </div>
    </main>
  );
}
