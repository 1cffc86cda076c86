import Link from 'next/link';
import { Fragment } from 'react';
import { catalogHref } from './names';

/** `main › samples`: what a schema, table or volume lies in. */
export function NamePath({ parts }: { parts: string[] }) {
  return (
    <nav aria-label="Lies in" className="truncate">
      {parts.map((part, index) => (
        <Fragment key={parts.slice(0, index + 1).join('\u0000')}>
          {index > 0 ? (
            <span aria-hidden className="px-1">
              ›
            </span>
          ) : null}
          <Link href={catalogHref(parts.slice(0, index + 1))} className="hover:text-text hover:underline">
            {part}
          </Link>
        </Fragment>
      ))}
    </nav>
  );
}
