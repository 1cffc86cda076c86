import { create } from 'zustand';

const storageKey = 'boathouse-catalog-tree';

interface TreeStore {
  expanded: ReadonlySet<string>;
  /** Reads what was open in this browser; the first visit opens nothing by itself. */
  restore: () => void;
  toggle: (key: string, open?: boolean) => void;
  open: (keys: string[]) => void;
}

const keep = (expanded: ReadonlySet<string>) => {
  try {
    localStorage.setItem(storageKey, JSON.stringify([...expanded].slice(-500)));
  } catch {
    // storage may be off: the tree is as it was until the page is left
  }
  return { expanded };
};

/** Which rows of the tree are open: outlives the page, so that going back finds the tree as it was. */
export const useTree = create<TreeStore>((set, get) => ({
  expanded: new Set(),
  restore: () => {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
      if (Array.isArray(stored)) {
        const keys = stored.filter((key): key is string => typeof key === 'string');
        set({ expanded: new Set([...keys, ...get().expanded]) });
      }
    } catch {
      // what is stored is not ours: begin with a closed tree
    }
  },
  toggle: (key, open) => {
    const next = new Set(get().expanded);
    if (open ?? !next.has(key)) next.add(key);
    else next.delete(key);
    set(keep(next));
  },
  open: (keys) => {
    const missing = keys.filter((key) => !get().expanded.has(key));
    if (missing.length > 0) set(keep(new Set([...get().expanded, ...missing])));
  },
}));
