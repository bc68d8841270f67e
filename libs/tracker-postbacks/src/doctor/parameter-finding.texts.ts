import { type PARAMETER_FINDINGS } from './finding-codes';
import { type FindingTexts, text } from './finding-text';

/** The findings about the parameters of a postback URL. */
export const PARAMETER_FINDING_TEXTS: Readonly<Record<(typeof PARAMETER_FINDINGS)[number], FindingTexts>> = {
  parameter_misspelt: {
    en: text('Nothing reads the parameter "{parameter}"; it looks like {suggestion}.', 'Write {suggestion}.'),
    ru: text(
      'Параметр «{parameter}» никто не читает; похоже, имелся в виду {suggestion}.',
      'Напишите {suggestion}.',
    ),
  },
  parameter_repeated: {
    en: text(
      '"{parameter}" stands in the URL more than once with different values; only one can be meant.',
      'Leave one of them.',
    ),
    ru: text(
      '«{parameter}» указан в ссылке несколько раз с разными значениями; верным может быть только одно.',
      'Оставьте один.',
    ),
  },
  currency_name: {
    en: text(
      'The currency stands in "{parameter}". It is read here, but the documented name is tracker.currency, and a network that appends a parameter of the same name would clash with it.',
      'Write tracker.currency={value}.',
    ),
    ru: text(
      'Валюта указана в «{parameter}». Здесь это прочитается, но верное имя — tracker.currency, и одноимённый параметр самой сети вступит с ним в конфликт.',
      'Напишите tracker.currency={value}.',
    ),
  },
  field_key_invalid: {
    en: text(
      '"{parameter}" cannot be a custom field: keys have 1–64 characters and are no names of JavaScript prototypes. It would be dropped.',
      'Use the key of a custom field of your CRM, e.g. fields.user_id.',
    ),
    ru: text(
      '«{parameter}» не может быть кастомным полем: ключ — 1–64 символа и не служебное имя JavaScript. Значение будет отброшено.',
      'Укажите ключ кастомного поля CRM, например fields.user_id.',
    ),
  },
  macro_encoded: {
    en: text(
      'The macro in "{parameter}" is percent-encoded ({value}); networks replace only the plain text.',
      'Write {suggestion} as it is.',
    ),
    ru: text(
      'Макрос в «{parameter}» закодирован ({value}); сети подставляют значения только в обычный текст.',
      'Напишите {suggestion} как есть.',
    ),
  },
  macro_syntax: {
    en: text(
      '"{value}" in "{parameter}" is not how this network writes macros ({syntax}); it would arrive unreplaced.',
      'Write {suggestion}.',
    ),
    ru: text(
      '«{value}» в «{parameter}» — не тот вид макросов, что у этой сети ({syntax}); значение придёт без подстановки.',
      'Напишите {suggestion}.',
    ),
  },
  macro_not_supported: {
    en: text(
      'This network fills in no macros, so "{value}" in "{parameter}" would arrive as it is. It appends its own parameters.',
      'Leave the parameter out.',
    ),
    ru: text(
      'Эта сеть не подставляет макросы, поэтому «{value}» в «{parameter}» придёт как есть. Свои параметры она добавляет сама.',
      'Уберите этот параметр.',
    ),
  },
  macro_braces_lost: {
    en: text(
      '"{value}" in "{parameter}" is the bare name of a macro: the network sends it as it stands, the same for every lead.',
      'Write {suggestion}.',
    ),
    ru: text(
      '«{value}» в «{parameter}» — имя макроса без скобок: сеть отправит его буквально, одинаково для всех лидов.',
      'Напишите {suggestion}.',
    ),
  },
  our_macro_on_postback: {
    en: text(
      '"{value}" in "{parameter}" is our macro for registration links. The network cannot fill it in; a postback needs the macro of the network.',
      'Write {suggestion}.',
    ),
    ru: text(
      '«{value}» в «{parameter}» — наш макрос для ссылок на регистрацию. Сеть его не заполнит; в постбэке нужен макрос сети.',
      'Напишите {suggestion}.',
    ),
  },
  click_macro_differs: {
    en: text(
      'The registration links put the click id into "{name}", but the postback asks for {value}: another id, or none, would come back.',
      'Write {suggestion}, or change the click-id parameter of the integration.',
    ),
    ru: text(
      'Ссылки на регистрацию передают id клика в «{name}», а постбэк запрашивает {value}: вернётся другой id или пустота.',
      'Напишите {suggestion} или измените параметр id клика в интеграции.',
    ),
  },
  click_constant: {
    en: text(
      '"{parameter}" holds the fixed text "{value}": every lead would come back with the same click id.',
      'Write the macro of the network: {suggestion}.',
    ),
    ru: text(
      'В «{parameter}» стоит постоянный текст «{value}»: у всех лидов вернётся один и тот же id клика.',
      'Укажите макрос сети: {suggestion}.',
    ),
  },
  cost_constant: {
    en: text(
      '"{parameter}" holds the fixed amount "{value}": every deposit would be recorded with it.',
      'Write the macro of the amount: {suggestion}. If the amount really is fixed, put it into the postback config.',
    ),
    ru: text(
      'В «{parameter}» стоит постоянная сумма «{value}»: с ней запишется каждый депозит.',
      'Укажите макрос суммы: {suggestion}. Если сумма и правда постоянная, задайте её в конфигурации постбэка.',
    ),
  },
  tid_constant: {
    en: text(
      '"{parameter}" holds "{value}", which is the same for every deposit of a lead: all but the first would be taken for repetitions.',
      'Write the macro of the transaction id ({suggestion}), or leave the parameter out.',
    ),
    ru: text(
      'В «{parameter}» стоит «{value}» — одно и то же для всех депозитов лида: все, кроме первого, будут сочтены повторами.',
      'Укажите макрос номера транзакции ({suggestion}) или уберите параметр.',
    ),
  },
  currency_invalid: {
    en: text(
      '"{value}" in "{parameter}" is not one currency code, so amounts would have no currency.',
      'Write one code, e.g. {suggestion}.',
    ),
    ru: text(
      '«{value}» в «{parameter}» — не один код валюты, поэтому суммы останутся без валюты.',
      'Укажите один код, например {suggestion}.',
    ),
  },
  event_unfinished: {
    en: text(
      'The event "{value}" is an unfinished default. It is read as {suggestion}, but the URL should say so.',
      'Write {suggestion}.',
    ),
    ru: text(
      'Событие «{value}» — незаполненное значение по умолчанию. Оно читается как {suggestion}, но лучше указать это прямо.',
      'Напишите {suggestion}.',
    ),
  },
  event_misspelt: {
    en: text(
      'The event "{value}" would be recorded as an event of that name; it looks like {suggestion}.',
      'Write {suggestion}.',
    ),
    ru: text(
      'Событие «{value}» запишется под этим именем; похоже, имелось в виду {suggestion}.',
      'Напишите {suggestion}.',
    ),
  },
  event_invalid: {
    en: text(
      '"{value}" cannot be an event name; every postback would be rejected.',
      'Use Latin letters, digits, "_", "." or "-", e.g. {suggestion}.',
    ),
    ru: text(
      '«{value}» не может быть названием события; каждый постбэк будет отклонён.',
      'Используйте латинские буквы, цифры, «_», «.» или «-», например {suggestion}.',
    ),
  },
  event_missing: {
    en: text(
      'The URL does not say what happened; every postback would be rejected.',
      'Add tracker.event={suggestion}, or the event that this URL is for.',
    ),
    ru: text(
      'В ссылке не указано, что произошло; каждый постбэк будет отклонён.',
      'Добавьте tracker.event={suggestion} или то событие, для которого эта ссылка.',
    ),
  },
  click_missing: {
    en: text(
      'The URL does not ask for the click id, so no postback could be matched to a lead.',
      'Add clickid={suggestion}.',
    ),
    ru: text(
      'Ссылка не запрашивает id клика, поэтому ни один постбэк не удастся связать с лидом.',
      'Добавьте clickid={suggestion}.',
    ),
  },
  amount_missing: {
    en: text('The URL reports deposits without their amount.', 'Add tracker.cost={suggestion}.'),
    ru: text('Ссылка сообщает о депозитах без суммы.', 'Добавьте tracker.cost={suggestion}.'),
  },
};
