import { Logger } from '@nestjs/common';
import { ClientKafka, ClientNats, ClientRMQ, NatsRecord, RmqRecord } from '@nestjs/microservices';
import { patternOf, type TrackerEventMessage } from './event-message';
import { type TrackerClientProxy } from './client-proxy';
import { transportOf } from './transport';

const MESSAGE = { id: 'e-1', name: 'sale', clickId: 'c-1', postbackId: 'p-1' } as TrackerEventMessage;
const clientOf = (prototype: object): TrackerClientProxy => Object.create(prototype) as TrackerClientProxy;

describe('what a transport needs', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  beforeEach(() => {
    warn.mockClear();
  });
  afterAll(() => {
    warn.mockRestore();
  });

  it('RabbitMQ: a persistent message with its id', () => {
    const record = transportOf(clientOf(ClientRMQ.prototype)).record(MESSAGE);
    expect(record).toBeInstanceOf(RmqRecord);
    expect(record).toMatchObject({ data: MESSAGE, options: { persistent: true, messageId: 'e-1' } });
  });

  it('NATS: a header that JetStream knows repetitions by', () => {
    const record = transportOf(clientOf(ClientNats.prototype)).record(MESSAGE) as NatsRecord;
    expect(record).toBeInstanceOf(NatsRecord);
    expect(record.data).toBe(MESSAGE);
    expect(record.headers.get('Nats-Msg-Id')).toBe('e-1');
  });

  it.each([
    ['its click', MESSAGE, 'c-1'],
    ['the postback without one', { ...MESSAGE, clickId: null } as unknown as TrackerEventMessage, 'p-1'],
  ])('Kafka: keyed by %s', (_, message, key) => {
    expect(transportOf(clientOf(ClientKafka.prototype)).record(message)).toEqual({
      key,
      value: message,
      headers: { 'tracker-event-id': 'e-1' },
    });
  });

  it('a class derived from a known client is that client', () => {
    class Traced extends ClientRMQ {}
    expect(transportOf(clientOf(Traced.prototype)).record(MESSAGE)).toBeInstanceOf(RmqRecord);
    expect(warn).not.toHaveBeenCalled();
  });

  it("a transport of the host's own gets the plain message", () => {
    class Own {
      readonly wire = 'own';
    }
    expect(transportOf(clientOf(Own.prototype)).record(MESSAGE)).toBe(MESSAGE);
    expect(warn).not.toHaveBeenCalled();
  });

  it('a client of another copy of the package gets the plain message, and that is said', () => {
    const copy = {
      ClientRMQ: class ClientRMQ {
        readonly wire = 'amqp';
      },
    };
    expect(transportOf(clientOf(copy.ClientRMQ.prototype)).record(MESSAGE)).toBe(MESSAGE);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('A ClientRMQ of another copy'));
  });
});

describe('the pattern of an event', () => {
  it.each([
    ['sale', 'tracker.sale'],
    ['level.up', 'tracker.level.up'],
    ['a..b', 'tracker.a._.b'],
    ['a.', 'tracker.a._'],
    ['a...', 'tracker.a._._._'],
  ])('%s travels as %s: no part of a subject is empty', (name, pattern) => {
    expect(patternOf({ name })).toBe(pattern);
  });
});
