/** Lines that a cell's plain text and its editor agree on: 20 px each, 8 px above and below. */
export const lineHeight = 20;
export const editorPadding = 8;

/** A cell's text before its editor stands, in the same place and size: nothing moves when the editor takes over. */
export function SourceText({ children }: { children: string }) {
  return (
    <pre
      style={{ lineHeight: `${lineHeight}px`, padding: `${editorPadding}px 8px` }}
      className="overflow-hidden text-[13px]"
    >
      {children || ' '}
    </pre>
  );
}
