'use client';
import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Toasts } from '@/components/toast';
import { TooltipProvider } from '@/components/tooltip';
import { makeQueryClient } from '@/lib/query';
import { useTheme } from '@/lib/theme';

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(makeQueryClient);
  const begin = useTheme((state) => state.begin);
  // The theme is the document's own attribute and the system's setting.
  useEffect(() => begin(), [begin]);
  return (
    <QueryClientProvider client={client}>
      <TooltipProvider>{children}</TooltipProvider>
      <Toasts />
    </QueryClientProvider>
  );
}
