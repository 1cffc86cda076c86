import type { Metadata } from 'next';
import { SecurablePage } from '@/features/catalog/securable-page';

type Params = Promise<{ name: string[] }>;

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const { name } = await params;
  return { title: decodeURIComponent(name.at(-1) ?? 'Catalog') };
}

export default async function Page({
  params,
  searchParams,
}: {
  params: Params;
  searchParams: Promise<{ kind?: string }>;
}) {
  const parts = (await params).name.map(decodeURIComponent);
  const volume = (await searchParams).kind === 'volume';
  return <SecurablePage key={`${volume}:${parts.join('.')}`} parts={parts} volume={volume} />;
}
