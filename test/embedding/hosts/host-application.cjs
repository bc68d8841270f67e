/**
 * A host in plain JavaScript: what it is given, it has loaded in its own way. Answers what became of a deposit and of
 * what the handler was given.
 */
module.exports = async function runHost({ nest, core, typeorm, emitter, fastify, tracker }, file) {
  const handled = [];
  let tell;
  const seen = new Promise((resolve) => (tell = resolve));

  class Deposits {
    book(event) {
      handled.push([event.constructor === tracker.TrackerConversionEvent, event.name, event.cost]);
      tell();
    }
  }
  tracker.OnTrackerEvent('sale')(
    Deposits.prototype,
    'book',
    Object.getOwnPropertyDescriptor(Deposits.prototype, 'book'),
  );
  nest.Injectable()(Deposits);

  class AppModule {}
  nest.Module({
    imports: [
      emitter.EventEmitterModule.forRoot(),
      typeorm.TypeOrmModule.forRoot({
        type: 'better-sqlite3',
        database: file,
        entities: [...tracker.TRACKER_ENTITIES],
        migrations: [...tracker.TRACKER_SQLITE_MIGRATIONS],
        migrationsRun: true,
      }),
      tracker.TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com' }),
    ],
    providers: [Deposits],
  })(AppModule);

  const app = await core.NestFactory.create(AppModule, new fastify.FastifyAdapter(), { logger: ['fatal'] });
  await app.listen(0, '127.0.0.1');
  const { id } = await app.get(tracker.TrackerIntegrations).create({ name: 'Host', network: '1win' });
  const { clickId } = await app.get(tracker.TrackerClicks).issue({ chatId: 'chat' });
  const address = `${await app.getUrl()}/postbacks/${id}/tracker-postback`;
  const reply = await fetch(`${address}?tracker.event=sale&clickid=${clickId}&tracker.cost=12.50`);
  const { status, code } = await reply.json();
  await seen;
  await app.close();
  const optional = /node_modules[/](@nestjs[/]terminus|@nats-io|amqplib|prom-client|mysql2|pg)[/]/;
  const loaded = Object.keys(require.cache).filter((path) => optional.test(path));
  console.log(JSON.stringify({ status, code, handled, loaded }));
};
