'use client';
import { getOpenApi, type Me } from '@boathouse/contracts';
import { useQuery } from '@tanstack/react-query';
import { BookOpen, ExternalLink, type LucideIcon } from 'lucide-react';
import { z } from 'zod';
import { Skeleton } from '@/components/states';
import { call, urlOf } from '@/lib/api';

const Info = z.object({ info: z.object({ version: z.string() }), paths: z.record(z.string(), z.unknown()) });

/** What this is: version, and how programs speak to it. */
export function AboutTab({ me }: { me: Me }) {
  const api = useQuery({
    queryKey: ['openapi'],
    queryFn: async ({ signal }) => Info.parse(await call(getOpenApi, { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const version = api.data?.info.version;
  return (
    <div className="flex max-w-2xl flex-col gap-5">
      <dl className="grid grid-cols-[160px_1fr] gap-y-2 text-sm">
        <dt className="text-muted">Version</dt>
        <dd>
          {version ?? (api.error ? 'not known: the workspace cannot be reached' : <Skeleton className="h-4 w-20" />)}
        </dd>
        <dt className="text-muted">Workspace</dt>
        <dd>{me.workspace.name}</dd>
        <dt className="text-muted">Workspace id</dt>
        <dd>
          <code className="text-xs">{me.workspace.number}</code>
        </dd>
        <dt className="text-muted">Address for programs</dt>
        <dd>
          <code className="break-words text-xs">{typeof location === 'undefined' ? '' : location.origin}</code>
        </dd>
      </dl>
      <section aria-labelledby="api-heading">
        <h2 id="api-heading" className="mb-1.5 text-sm">
          API
        </h2>
        <p className="mb-2 text-muted text-sm">
          Clients of Databricks work unmodified: host is the address above, token one of your access tokens.
        </p>
        <ul className="flex flex-col gap-1 text-sm">
          <DocumentLink href={urlOf(getOpenApi)} icon={BookOpen}>
            OpenAPI document{api.data ? ` of ${Object.keys(api.data.paths).length} paths` : ''}
          </DocumentLink>
        </ul>
      </section>
    </div>
  );
}

const DocumentLink = ({
  href,
  icon: Icon,
  children,
}: {
  href: string;
  icon: LucideIcon;
  children: React.ReactNode;
}) => (
  <li>
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-2 text-accent hover:underline"
    >
      <Icon aria-hidden className="size-4" />
      <span>{children}</span>
      <ExternalLink aria-label="opens in a new tab" className="size-3.5" />
    </a>
  </li>
);
