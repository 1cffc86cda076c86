import { type CommitAsk, type CommitCatalog, UnpublishedCommits } from '@boathouse/contracts';
import { z } from 'zod';

/** The server's catalog, asked over the link, as the Delta room wants it. */
export function catalogOverLink(ask: (question: CommitAsk) => Promise<unknown>): CommitCatalog {
  return {
    ratify: async (logKey, version, path) => z.boolean().parse(await ask({ ask: 'ratify', logKey, version, path })),
    unpublished: async (logKey, afterVersion) =>
      UnpublishedCommits.parse(await ask({ ask: 'unpublished', logKey, afterVersion })),
    async published(logKey, version) {
      await ask({ ask: 'published', logKey, version });
    },
  };
}
