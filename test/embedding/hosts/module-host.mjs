import * as nest from '@nestjs/common';
import * as core from '@nestjs/core';
import * as emitter from '@nestjs/event-emitter';
import * as fastify from '@nestjs/platform-fastify';
import * as typeorm from '@nestjs/typeorm';
import {
  OnTrackerEvent,
  TRACKER_ENTITIES,
  TRACKER_SQLITE_MIGRATIONS,
  TrackerClicks,
  TrackerConversionEvent,
  TrackerIntegrations,
  TrackerPostbacksModule,
} from 'nestjs-tracker-postbacks';
import runHost from './host-application.cjs';

await runHost(
  {
    nest,
    core,
    typeorm,
    emitter,
    fastify,
    tracker: {
      OnTrackerEvent,
      TRACKER_ENTITIES,
      TRACKER_SQLITE_MIGRATIONS,
      TrackerClicks,
      TrackerConversionEvent,
      TrackerIntegrations,
      TrackerPostbacksModule,
    },
  },
  process.argv[2],
);
