import { create } from 'zustand';

interface PaletteStore {
  isOpen: boolean;
  open: () => void;
  setOpen: (open: boolean) => void;
}

export const usePalette = create<PaletteStore>((set) => ({
  isOpen: false,
  open: () => set({ isOpen: true }),
  setOpen: (isOpen) => set({ isOpen }),
}));
