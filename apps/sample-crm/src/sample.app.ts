import { type INestApplication, type LoggerService, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type AppConfig, AppModule } from './app.module';

/** The application, ready to listen. */
export async function createSampleApp(
  config: AppConfig,
  logger: LoggerService | false,
): Promise<INestApplication> {
  const adapter = config.httpAdapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const options: Readonly<NestApplicationOptions> = { logger, abortOnError: false };
  const app = await NestFactory.create(AppModule.forRoot(config), adapter, options);
  app.setGlobalPrefix('api', { exclude: ['health'] });
  const document = new DocumentBuilder()
    .setTitle('Sample CRM')
    .setDescription('Chats of a messaging CRM, and the postbacks of affiliate networks that move them on.')
    .setVersion('1.0')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, document));
  return app;
}
