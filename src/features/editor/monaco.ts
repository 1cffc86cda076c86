import 'monaco-editor/features/register.all.js';
import * as monaco from 'monaco-editor/editor/editor.api.js';
import 'monaco-editor/languages/definitions/markdown/register.js';
import 'monaco-editor/languages/definitions/typescript/register.js';
import { defineSparkSql } from './spark-sql';

self.MonacoEnvironment = {
  getWorker: () => new Worker(new URL('../../workers/editor.worker.ts', import.meta.url), { type: 'module' }),
};

/** A token as six hexadecimal digits: the build shortens `#ffffff`, and Monaco does not read `#fff`. */
const token = (name: string): string =>
  getComputedStyle(document.documentElement)
    .getPropertyValue(name)
    .trim()
    .replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
const bare = (colour: string) => colour.replace('#', '');

/** Monaco's theme from the page's tokens, so that code looks the same in the editor and outside of it. */
export function useTokens(theme: 'light' | 'dark'): string {
  const name = `boathouse-${theme}`;
  monaco.editor.defineTheme(name, {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: 'keyword', foreground: bare(token('--syntax-keyword')) },
      { token: 'string', foreground: bare(token('--syntax-string')) },
      { token: 'number', foreground: bare(token('--syntax-number')) },
      { token: 'predefined', foreground: bare(token('--syntax-function')) },
      { token: 'comment', foreground: bare(token('--syntax-comment')) },
    ],
    colors: {
      'editor.background': token('--surface'),
      'editor.foreground': token('--text'),
      'editorLineNumber.foreground': token('--faint'),
      'editor.placeholder.foreground': token('--faint'),
      'editorCursor.foreground': token('--text'),
      'editor.selectionBackground': `${token('--accent')}33`,
      'editor.lineHighlightBackground': '#00000000',
      'editor.lineHighlightBorder': '#00000000',
      'editorWidget.background': token('--surface'),
      'editorWidget.border': token('--line-strong'),
      'editorSuggestWidget.selectedBackground': token('--accent-soft'),
      'editorSuggestWidget.selectedForeground': token('--text'),
      focusBorder: '#00000000',
      // Brackets look like the text around them: colour is for the words of the language.
      ...Object.fromEntries(
        ['foreground1', 'foreground2', 'foreground3', 'unexpectedBracket.foreground'].map((part) => [
          `editorBracketHighlight.${part}`,
          token('--text'),
        ]),
      ),
    },
  });
  monaco.editor.setTheme(name);
  return name;
}

defineSparkSql(monaco);

export { monaco };
