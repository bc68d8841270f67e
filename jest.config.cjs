const findMysql = require('./test/setup/find-mysql.cjs');

/** Nest 12 is ESM only and jest below Node 24.9 cannot require ESM, so swc compiles it to CommonJS with the tests. */
const shared = {
  testEnvironment: 'node',
  moduleNameMapper: {
    '^nestjs-tracker-postbacks$': '<rootDir>/libs/tracker-postbacks/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.(t|m?j)s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(@fastify/static/node_modules/content-disposition|content-disposition|@nestjs|file-type|strtok3|token-types|uint8array-extras|@tokenizer|@borewit|load-esm)/)',
  ],
};

const withDatabase = {
  ...shared,
  globalSetup: '<rootDir>/test/setup/database.global-setup.ts',
  globalTeardown: '<rootDir>/test/setup/database.global-teardown.ts',
};

/**
 * What runs on every engine beside the specs that name engines themselves: what the engines could do differently.
 * `npm run test:engines` adds everything that has SQL behind it.
 */
const ON_EVERY_ENGINE = [
  'clicks',
  'erasure*',
  'events',
  'judging-failed',
  'lists',
  'main-job',
  'parking',
  'races',
  'replay',
  'retention',
  'reversal-order',
  'stats',
];
const MORE = [
  'audit',
  'conformance/*',
  'doctor',
  'edge/any-request',
  'edge/secrets',
  'export',
  'integrations',
  'links',
  'listed-rows',
  'log-filters',
  'postback-detail',
  'reassign',
  'rejected-cap',
  'tenants',
  'test-postback',
  'timeline',
];
const onEveryEngine = [
  ...ON_EVERY_ENGINE,
  ...(process.env.TEST_ALL_ON_EVERY_ENGINE === undefined ? [] : MORE),
].map((name) => `<rootDir>/test/${name}.spec.ts`);

const onEngine = (engine) => ({
  ...withDatabase,
  displayName: engine,
  testMatch: onEveryEngine,
  setupFiles: [`<rootDir>/test/setup/on-${engine}.ts`],
});

module.exports = async () => ({
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/libs/**/*.spec.ts', '<rootDir>/durability/src/**/*.spec.ts'],
      collectCoverageFrom: ['libs/tracker-postbacks/src/rules/**/*.ts', '!**/*.spec.ts'],
    },
    {
      ...withDatabase,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/apps/**/*.spec.ts'],
    },
    onEngine('sqlite'),
    ...((await findMysql(process.env)) ? [onEngine('mysql')] : []),
  ],
  coverageThreshold: { global: { statements: 100 } },
  coverageReporters: ['text', 'text-summary'],
  // One more than the processors of a small machine: most of the time a spec waits for its database or its time limits.
  maxWorkers: 3,
  testTimeout: 60000,
});
