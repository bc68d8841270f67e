import { Module } from '@nestjs/common';
import { ConfigurableModuleClass } from './tracker-postbacks.module-definition';

/**
 * Hears from affiliate networks for the application that imports it. Import it once, in the root module; its services
 * can then be injected everywhere. The host brings a TypeORM DataSource and `EventEmitterModule.forRoot()`.
 *
 * @example
 * TrackerPostbacksModule.forRootAsync({
 *   adminGuards: [AdminGuard],
 *   inject: [ConfigService],
 *   useFactory: (config: ConfigService) => ({ publicUrl: config.getOrThrow('PUBLIC_URL') }),
 * })
 */
@Module({})
export class TrackerPostbacksModule extends ConfigurableModuleClass {}
