'use client';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';

/** The tab on screen is in the URL (`?tab=`); the first one leaves it out. */
export function useTab<Key extends string>(keys: readonly Key[]): [Key, (key: string) => void] {
  const path = usePathname();
  const search = useSearchParams();
  const router = useRouter();
  const tab = keys.find((key) => key === search.get('tab')) ?? keys[0]!;
  const choose = (key: string) => {
    const query = new URLSearchParams(search);
    if (key === keys[0]) query.delete('tab');
    else query.set('tab', key);
    router.replace(query.size > 0 ? `${path}?${query}` : path, { scroll: false });
  };
  return [tab, choose];
}
