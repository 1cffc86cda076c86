/** `notebook:<id>:<epoch>`: a document that was replaced has another name, so an old copy never merges into the new one. */
export const documentName = (notebookId: string, epoch: string): string => `notebook:${notebookId}:${epoch}`;

export function parseDocumentName(name: string): { notebookId: string; epoch: string } | null {
  const [, notebookId, epoch] = /^notebook:([\w-]+):([\w-]+)$/.exec(name) ?? [];
  return notebookId && epoch ? { notebookId, epoch } : null;
}
