import { type Locale } from '../rules/messages';

/** Why something about deliveries cannot be done now. */
export type DeliveryProblem =
  'delivery_not_parked' | 'handler_retired' | 'handler_in_use' | 'handlers_shared';

/** `<name>` is the handler, `<status>` the delivery's. */
const TEXTS: Readonly<Record<DeliveryProblem, Readonly<Record<Locale, string>>>> = {
  delivery_not_parked: {
    en: 'Only a parked delivery can be requeued; this one is <status>. One that is pending is tried again by itself.',
    ru: 'Вернуть в очередь можно только отложенную доставку (parked), а эта — <status>. Ожидающая (pending) повторится сама.',
  },
  handler_retired: {
    en: 'The handler "<name>" is not kept any more, so nobody would run this delivery. Deploy the handler again, then requeue it.',
    ru: 'Обработчик «<name>» больше не зарегистрирован, эту доставку некому выполнить. Верните обработчик в код, затем повторите.',
  },
  handler_in_use: {
    en: 'A process still has the handler "<name>". Take it out of the code and stop or redeploy that process; a process that was killed is waited for up to three minutes.',
    ru: 'Обработчик «<name>» ещё зарегистрирован работающим процессом. Уберите его из кода и остановите или обновите этот процесс; аварийно завершённый процесс ожидается до трёх минут.',
  },
  handlers_shared: {
    en: 'Handlers belong to all tenants of this application, and retiring one ends deliveries of all of them. Only the application itself can: TrackerDeliveries.retire(name) without a tenant.',
    ru: 'Обработчики общие для всех пространств приложения, и вывод обработчика завершает доставки у всех. Это может только само приложение: TrackerDeliveries.retire(name) без пространства.',
  },
};

export function deliveryMessage(
  problem: DeliveryProblem,
  locale: Locale,
  args: { readonly name?: string; readonly status?: string } = {},
): string {
  return TEXTS[problem][locale]
    .replace('<name>', () => args.name ?? '')
    .replace('<status>', () => args.status ?? '');
}
