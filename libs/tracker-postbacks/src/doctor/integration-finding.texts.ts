import { type IntegrationFindingCode } from './finding-codes';
import { type FindingTexts, text } from './finding-text';

/** The findings about an integration. */
export const INTEGRATION_FINDING_TEXTS: Readonly<Record<IntegrationFindingCode, FindingTexts>> = {
  registration_link: {
    en: text(
      'This is a registration link, the one that a lead opens, and no postback URL. It was checked as such.',
      'Into the network’s postback form goes a postback URL of this integration: {suggestion}',
    ),
    ru: text(
      'Это ссылка на регистрацию, которую открывает лид, а не ссылка постбэка. Она и проверена как такая.',
      'В форму постбэков сети вставляется ссылка постбэка этой интеграции: {suggestion}',
    ),
  },
  secret_none: {
    en: text(
      'The integration records money and has neither a secret nor an address allow-list: whoever learns the URL can report deposits.',
      'Make a secret and paste the URLs again, or set allowedAddresses.',
    ),
    ru: text(
      'Интеграция записывает деньги, но у неё нет ни секрета, ни списка адресов: любой, кто узнает ссылку, сможет сообщать о депозитах.',
      'Создайте секрет и вставьте ссылки заново или задайте allowedAddresses.',
    ),
  },
  secret_hidden: {
    en: text(
      'key=••• stands for the secret, which is shown only when it is made: pasted like that, every postback is quarantined.',
      'Put the secret in its place; if it is lost, make a new one.',
    ),
    ru: text(
      'key=••• стоит вместо секрета, который показывается только при создании: с такой ссылкой каждый постбэк попадёт в карантин.',
      'Подставьте сам секрет; если он утерян, создайте новый.',
    ),
  },
  currency_none: {
    en: text(
      'Neither the URL nor the integration says which currency deposits are in; amounts without a sign of their own get none.',
      'Set defaultCurrency, or add tracker.currency=… to the URL.',
    ),
    ru: text(
      'Ни в ссылке, ни в интеграции не указана валюта депозитов; суммы без знака валюты останутся без неё.',
      'Задайте defaultCurrency или добавьте в ссылку tracker.currency=….',
    ),
  },
  event_unmapped: {
    en: text(
      'The event map does not know the word "{value}", so it is recorded as an event of that name and neither as a registration nor as a deposit.',
      'If that is meant, leave it. Else map it, e.g. eventMap: { "{value}": "sale" }, or write sale, resale, registration or conf.',
    ),
    ru: text(
      'Слова «{value}» нет в карте событий, поэтому событие запишется под этим именем, а не как регистрация или депозит.',
      'Если так и задумано, ничего не меняйте. Иначе добавьте в карту, например eventMap: { "{value}": "sale" }, или укажите sale, resale, registration, conf.',
    ),
  },
  event_not_allowed: {
    en: text(
      'The event "{value}" is not in this integration’s list of allowed events: its postbacks are set aside.',
      'Add it to events, or use the right event.',
    ),
    ru: text(
      'События «{value}» нет в списке разрешённых для этой интеграции: его постбэки откладываются.',
      'Добавьте его в events или укажите нужное событие.',
    ),
  },
  field_unknown: {
    en: text(
      'The CRM has no custom field "{value}"; what arrives for it will be written nowhere.',
      'Create the field in the CRM, or use the key of an existing one{suggestion}.',
    ),
    ru: text(
      'В CRM нет кастомного поля «{value}»; его значения никуда не запишутся.',
      'Создайте поле в CRM или укажите ключ существующего{suggestion}.',
    ),
  },
  deposits_elsewhere: {
    en: text(
      'The integration "{name}" recorded {value} of the same deposits of the same leads: they are counted twice. The same network reports to both.',
      'Leave the postback URLs of only one of the two in the network’s cabinet.',
    ),
    ru: text(
      'Интеграция «{name}» записала те же депозиты тех же лидов ({value}): они засчитаны дважды. Одна сеть сообщает в обе.',
      'Оставьте в кабинете сети ссылки только одной из двух интеграций.',
    ),
  },
  integration_paused: {
    en: text(
      'The integration is paused: its postbacks are kept but not counted.',
      'Activate it; what was set aside can be replayed.',
    ),
    ru: text(
      'Интеграция приостановлена: постбэки сохраняются, но не засчитываются.',
      'Включите её; отложенное можно обработать повторно.',
    ),
  },
  integration_archived: {
    en: text(
      'The integration is archived: its postbacks are kept for 30 days but not counted.',
      'Restore it, or use another integration.',
    ),
    ru: text(
      'Интеграция в архиве: постбэки сохраняются 30 дней, но не засчитываются.',
      'Восстановите её или используйте другую.',
    ),
  },
};
