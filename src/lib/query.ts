import { BoathouseError } from '@boathouse/contracts';
import { QueryClient } from '@tanstack/react-query';

/** Server state lives here and nowhere else. Pushes invalidate; nothing polls. */
export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        retry: (count, error) =>
          count < 3 && error instanceof BoathouseError && error.fault === 'system' && error.code !== 'INTERNAL_ERROR',
        retryDelay: (count) => Math.min(250 * 2 ** count, 3000),
      },
    },
  });
