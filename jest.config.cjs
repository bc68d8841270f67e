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

module.exports = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/libs/**/*.spec.ts'],
      collectCoverageFrom: ['libs/tracker-postbacks/src/rules/**/*.ts', '!**/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.spec.ts', '<rootDir>/apps/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/setup/database.global-setup.ts',
      globalTeardown: '<rootDir>/test/setup/database.global-teardown.ts',
    },
  ],
  coverageThreshold: { global: { statements: 100 } },
  coverageReporters: ['text', 'text-summary'],
  maxWorkers: 2,
  testTimeout: 30000,
};
