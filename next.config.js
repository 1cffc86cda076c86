import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

/** @type {import('next').NextConfig} */
export default {
  env: { NEXT_PUBLIC_BOATHOUSE_VERSION: version },
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are checked by `npm run check`; the build only compiles.
  typescript: { ignoreBuildErrors: true },
  transpilePackages: ['@boathouse/contracts', '@boathouse/notebook', '@boathouse/sql', '@boathouse/dashboards'],
  turbopack: {
    resolveAlias: {
      // y-monaco asks for a path that monaco-editor's exports map no longer has.
      'monaco-editor/esm/vs/editor/editor.api.js': 'monaco-editor/editor/editor.api.js',
    },
  },
};
