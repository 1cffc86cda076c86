// The house's floors: an arrow may only point down. See docs/architecture.md.
const floors = [['contracts'], ['storage'], ['delta', 'sql'], ['engine'], ['streaming', 'notebook', 'kernel', 'sdk'], ['pipelines', 'jobs', 'catalog', 'dashboards', 'sharing']];
const room = (name) => `^packages/${name}/`;

const floorRules = floors.flatMap((floor, index) =>
  floor.map((name) => ({
    name: `floor-of-${name}`,
    comment: `packages/${name} stands on floor ${index + 1}: it imports only rooms of lower floors, never its own floor.`,
    severity: 'error',
    from: { path: room(name) },
    to: {
      path: floors
        .slice(index)
        .flat()
        .filter((other) => other !== name)
        .map(room),
    },
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floorRules,
    { name: 'packages-know-no-app', severity: 'error', from: { path: '^packages/' }, to: { path: '^(apps|src|scripts|bench|e2e|prisma)/' } },
    { name: 'apps-know-no-other-app', severity: 'error', from: { path: '^apps/([^/]+)/', pathNot: '\\.test\\.ts$|/test/' }, to: { path: '^apps/', pathNot: '^apps/$1/' } },
    {
      name: 'pages-import-contracts-and-pure-entries',
      comment: 'src imports contracts and the parts of packages that browser and server share. Its tests may hold what they make against the real thing.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(apps|packages|prisma|scripts)/', pathNot: '^packages/(contracts|notebook|dashboards)/|^packages/sql/(completion|lexer|parser|ast)/|^packages/pipelines/graph' },
    },
    { name: 'components-know-no-feature', severity: 'error', from: { path: '^src/components/' }, to: { path: '^src/(features|app)/' } },
    { name: 'features-know-no-route', severity: 'error', from: { path: '^src/features/' }, to: { path: '^src/app/' } },
    {
      name: 'behind-the-door',
      comment: 'A room is entered by its door: index.ts, or another entry of its package.json.',
      severity: 'error',
      from: { path: '^(packages/([^/]+)|apps/[^/]+)/', pathNot: '\\.test\\.ts$|/test/' },
      to: { path: '^packages/([^/]+)/', pathNot: ['^packages/$2/', '^packages/[^/]+/index\\.ts$', '^packages/sql/completion/index\\.ts$', '^packages/sql/functions/engine/index\\.ts$', '^packages/engine/results/index\\.ts$', '^packages/contracts/'] },
    },
    {
      name: 'no-cycles',
      comment: 'Parser and analyser of SQL are as recursive as the language: an expression holds a query holds an expression.',
      severity: 'error',
      from: { pathNot: '^packages/sql/(analyse|parser)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'generated'] },
    exclude: { path: ['node_modules', '\\.next', 'generated', 'packages/kernel/driver'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'], extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  },
};
