'use client';
import { useEffect } from 'react';
import type { Awareness } from 'y-protocols/awareness';

const safe = (text: string) => text.replace(/["\\\n\r<>]/g, ' ').slice(0, 40);

/** Names and colours of other people's cursors: y-monaco marks them with a class per client, the style is ours. */
export function useRemoteCursors(awareness: Awareness | null): void {
  useEffect(() => {
    if (!awareness) return;
    const style = document.createElement('style');
    document.head.append(style);
    const draw = () => {
      const rules: string[] = [];
      for (const [client, state] of awareness.getStates()) {
        const user = (state as { user?: { name?: string; colour?: string } }).user;
        if (client === awareness.clientID || !user?.name || !user.colour) continue;
        const colour = /^var\(--chart-\d+\)$/.test(user.colour) ? user.colour : 'var(--chart-2)';
        rules.push(
          `.yRemoteSelection-${client}{background:color-mix(in srgb,${colour} 25%,transparent)}`,
          `.yRemoteSelectionHead-${client}{position:absolute;border-left:2px solid ${colour};height:${20}px;box-sizing:border-box}`,
          `.yRemoteSelectionHead-${client}::after{content:"${safe(user.name)}";position:absolute;left:-2px;top:-13px;font:500 10px var(--font-sans);color:#fff;background:color-mix(in srgb,${colour} 78%,black);border-radius:3px 3px 3px 0;padding:0 4px;white-space:nowrap;z-index:5}`,
        );
      }
      style.textContent = rules.join('\n');
    };
    draw();
    awareness.on('change', draw);
    return () => {
      awareness.off('change', draw);
      style.remove();
    };
  }, [awareness]);
}
