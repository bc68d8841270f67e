import { type INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

/** A provider that the library does not export, by the name of its class: what a proof may get between. */
export function injected(app: INestApplication, name: string): object {
  for (const module of app.get(ModulesContainer, { strict: false }).values()) {
    for (const { token, instance } of module.providers.values()) {
      if (typeof token === 'function' && token.name === name && typeof instance === 'object') {
        return instance as object;
      }
    }
  }
  throw new Error(`The application has no provider "${name}": the library calls it something else now.`);
}

/** Puts `around` between callers and a method of an injected provider. */
export function wrap(
  instance: object,
  method: string,
  around: (call: () => unknown, given: readonly unknown[]) => unknown,
): void {
  const methods = instance as Record<string, (...given: unknown[]) => unknown>;
  const original = methods[method];
  if (original === undefined) throw new Error(`${instance.constructor.name} has no method "${method}".`);
  methods[method] = (...given) => around(() => original.apply(instance, given), given);
}
