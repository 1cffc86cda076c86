'use client';
import { create } from 'zustand';
import { themeKey } from './theme-script';

export type ThemeChoice = 'system' | 'light' | 'dark';
function apply(choice: ThemeChoice): 'light' | 'dark' {
  const dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  return dark ? 'dark' : 'light';
}

interface ThemeStore {
  choice: ThemeChoice;
  shown: 'light' | 'dark';
  choose: (choice: ThemeChoice) => void;
  /** Reads the stored choice and follows the system from then on. */
  begin: () => () => void;
}

export const useTheme = create<ThemeStore>((set, get) => ({
  choice: 'system',
  shown: 'light',
  choose: (choice) => {
    try {
      localStorage.setItem(themeKey, choice);
    } catch {
      // storage may be off: the choice lasts for this page
    }
    set({ choice, shown: apply(choice) });
  },
  begin: () => {
    let stored: string | null = null;
    try {
      stored = localStorage.getItem(themeKey);
    } catch {
      // as above
    }
    const choice: ThemeChoice = stored === 'light' || stored === 'dark' ? stored : 'system';
    set({ choice, shown: apply(choice) });
    const media = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => set({ shown: apply(get().choice) });
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  },
}));
