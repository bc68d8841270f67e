import {
  applyDecorators,
  Controller,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ADMIN_PATH } from '../tracker-postbacks.constants';
import { type TrackerPostbacksExtras } from '../tracker-postbacks.options';
import { TrackerErrorDto } from './admin.dto';
import { TrackerErrorFilter } from './error.filter';
import { AdminScopeGuard } from './scope';

/** A controller of admin routes below `tracker/`. */
export function AdminController(path: string, tag: string): ClassDecorator {
  return applyDecorators(
    Controller({ path: `${ADMIN_PATH}/${path}`, version: VERSION_NEUTRAL }),
    UseFilters(TrackerErrorFilter),
    ApiTags(tag),
    ApiBearerAuth(),
    ApiResponse({ status: 400, type: TrackerErrorDto, description: 'Not accepted as sent.' }),
    ApiResponse({ status: 404, type: TrackerErrorDto, description: 'Nothing there for this tenant.' }),
  );
}

/**
 * A class of its own per registration: decorating the shared class would leak one application's guards into another
 * application of the same process.
 */
export function perRegistration(controller: Type, ...decorators: readonly ClassDecorator[]): Type {
  const own = class extends controller {};
  Object.defineProperty(own, 'name', { value: controller.name });
  for (const decorate of decorators) decorate(own);
  return own;
}

/** An admin controller behind the guards the host names, with the scope of the request resolved after them. */
export function adminController(controller: Type, extras: TrackerPostbacksExtras): Type {
  return perRegistration(controller, UseGuards(...(extras.adminGuards ?? []), AdminScopeGuard));
}
