import Link from 'next/link';
import { GateCard } from '@/features/session/gate-card';

export default function NotFound() {
  return (
    <GateCard title="There is nothing here" text="The page does not exist, or it was moved or deleted.">
      <Link href="/" className="text-accent text-sm hover:underline">
        Go to Home
      </Link>
    </GateCard>
  );
}
