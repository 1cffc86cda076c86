import type { Metadata } from 'next';
import { ComputePage } from '@/features/compute/compute-page';

export const metadata: Metadata = { title: 'Compute' };

export default function Page() {
  return <ComputePage />;
}
