/** Who may import whom: the floor plan of docs/architecture.md, as rules. */
const lib = '^libs/tracker-postbacks/src/';
const room = (name) => `${lib}${name}/`;
const may = (from, allowed) => ({
  name: `${from}-imports`,
  severity: 'error',
  comment: `${from}/ may import only: ${['itself', ...allowed].join(', ')}`,
  from: { path: room(from), pathNot: '\\.spec\\.ts$' },
  to: {
    path: lib,
    pathNot: [
      room(from),
      ...allowed.map(room),
      `${lib}tracker-postbacks\\.(constants|options|errors|tokens)\\.ts$`,
    ],
  },
});
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'rules-are-pure',
      severity: 'error',
      comment: 'rules/ imports neither Nest, TypeORM nor any other room',
      from: { path: room('rules') },
      to: {
        path: ['node_modules', lib],
        pathNot: [room('rules'), '\\.spec\\.ts$', 'node_modules/(@types/node|fast-check)/'],
      },
    },
    may('admin', ['rules']),
    may('networks', ['rules', 'admin']),
    may('database', []),
    may('audit', ['rules', 'database', 'admin']),
    may('clicks', ['audit', 'networks', 'rules', 'database', 'admin']),
    may('integrations', ['audit', 'networks', 'rules', 'database', 'admin']),
    may('conversions', ['integrations', 'clicks', 'networks', 'rules', 'database', 'admin']),
    may('events', ['database', 'rules']),
    may('postbacks', ['networks', 'rules', 'database', 'clicks', 'conversions', 'integrations', 'events']),
    may('links', ['integrations', 'clicks', 'audit', 'rules', 'networks', 'database', 'admin']),
    may('postback-log', [
      'doctor',
      'postbacks',
      'audit',
      'events',
      'clicks',
      'integrations',
      'conversions',
      'rules',
      'networks',
      'database',
      'admin',
    ]),
    may('doctor', [
      'postbacks',
      'links',
      'events',
      'clicks',
      'integrations',
      'conversions',
      'rules',
      'networks',
      'database',
      'admin',
    ]),
    may('stats', ['postbacks', 'conversions', 'integrations', 'networks', 'rules', 'database', 'admin']),
    may('erasure', ['postbacks', 'conversions', 'clicks', 'audit', 'rules', 'database', 'admin']),
    may('retention', ['postbacks', 'events', 'database']),
    {
      name: 'nobody-imports-the-module',
      severity: 'error',
      from: { path: lib, pathNot: `${lib}(index|tracker-postbacks\\.module)\\.ts$|\\.spec\\.ts$` },
      to: { path: `${lib}(tracker-postbacks\\.module|index)\\.ts$` },
    },
    {
      name: 'the-sample-uses-the-public-api',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: `${lib}(?!index\\.ts$)` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.tests.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'types'] },
  },
};
