const runHost = require('./host-application.cjs');

runHost(
  {
    nest: require('@nestjs/common'),
    core: require('@nestjs/core'),
    typeorm: require('@nestjs/typeorm'),
    emitter: require('@nestjs/event-emitter'),
    fastify: require('@nestjs/platform-fastify'),
    tracker: require('nestjs-tracker-postbacks'),
  },
  process.argv[2],
);
