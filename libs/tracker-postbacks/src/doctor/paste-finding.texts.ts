import { type PASTE_FINDINGS } from './finding-codes';
import { type FindingTexts, text } from './finding-text';

/** The findings about a text that was pasted. */
export const PASTE_FINDING_TEXTS: Readonly<Record<(typeof PASTE_FINDINGS)[number], FindingTexts>> = {
  white_space: {
    en: text(
      'There is white space before, after or inside the URL; networks send it as %20 or cut the URL there.',
      'Paste the URL as one line without spaces.',
    ),
    ru: text(
      'До, после или внутри ссылки есть пробелы; сети отправляют их как %20 или обрезают ссылку на них.',
      'Вставьте ссылку одной строкой без пробелов.',
    ),
  },
  text_around: {
    en: text('Quotes or other text stand around the URL.', 'Paste the URL alone.'),
    ru: text('Вокруг ссылки стоят кавычки или другой текст.', 'Вставьте только саму ссылку.'),
  },
  url_encoded: {
    en: text(
      'The whole URL is percent-encoded, so that no server can read it.',
      'Paste the URL as plain text, beginning with https://.',
    ),
    ru: text(
      'Вся ссылка закодирована через %, и ни один сервер её не прочитает.',
      'Вставьте ссылку обычным текстом, начиная с https://.',
    ),
  },
  html_entity: {
    en: text(
      'HTML left &amp; where & belongs: parameters run into each other. We repair it, other systems do not.',
      'Copy the URL as plain text, with a bare & between parameters.',
    ),
    ru: text(
      'HTML оставил &amp; вместо &: параметры слипаются. Мы это исправляем, другие системы — нет.',
      'Скопируйте ссылку обычным текстом, с одним & между параметрами.',
    ),
  },
  html_character: {
    en: text(
      'HTML turned the beginning of a parameter into a sign, as &currency= into ¤cy=; that parameter is lost for other systems.',
      'Copy the URL as plain text; the parameter is spelled out in the corrected URL.',
    ),
    ru: text(
      'HTML превратил начало параметра в знак, например &currency= в ¤cy=; для других систем параметр потерян.',
      'Скопируйте ссылку обычным текстом; в исправленной ссылке параметр написан полностью.',
    ),
  },
  markdown_backslash: {
    en: text(
      'Backslashes of Markdown stand in the URL (\\&, \\_, \\{): names and macros are not recognised with them.',
      'Take the backslashes out.',
    ),
    ru: text(
      'В ссылке остались обратные косые черты Markdown (\\&, \\_, \\{): имена и макросы с ними не распознаются.',
      'Уберите обратные косые черты.',
    ),
  },
  scheme_missing: {
    en: text(
      'The URL does not begin with http:// or https://; most networks refuse it.',
      'Begin it with https://.',
    ),
    ru: text(
      'Ссылка начинается не с http:// или https://; большинство сетей её не примет.',
      'Начните её с https://.',
    ),
  },
  question_mark_missing: {
    en: text(
      'No "?" stands before the first parameter, so none of them is sent as a parameter.',
      'Put "?" between the address and the first parameter.',
    ),
    ru: text(
      'Перед первым параметром нет «?», поэтому ни один не будет отправлен как параметр.',
      'Поставьте «?» между адресом и первым параметром.',
    ),
  },
  second_question_mark: {
    en: text(
      'There is more than one "?": what follows the second one becomes part of a value ("{parameter}").',
      'Only the first parameter follows "?", every other one "&".',
    ),
    ru: text(
      'В ссылке больше одного «?»: всё после второго становится частью значения («{parameter}»).',
      'После «?» идёт только первый параметр, перед остальными — «&».',
    ),
  },
  not_https: {
    en: text(
      'The URL begins with http://, but this application is reached at https://; a redirect costs the postback in many networks.',
      'Use https://.',
    ),
    ru: text(
      'Ссылка начинается с http://, а приложение доступно по https://; при перенаправлении многие сети теряют постбэк.',
      'Используйте https://.',
    ),
  },
  other_host: {
    en: text(
      'The URL leads to another server ("{value}"); nothing sent there arrives here.',
      'Use {suggestion}.',
    ),
    ru: text(
      'Ссылка ведёт на другой сервер («{value}»); сюда ничего не придёт.',
      'Используйте {suggestion}.',
    ),
  },
  other_path: {
    en: text(
      'The path "{value}" is not that of a postback URL here; what is sent there is answered 404.',
      'Use the path {suggestion}.',
    ),
    ru: text(
      'Путь «{value}» — не путь постбэка; на такие запросы ответ 404.',
      'Используйте путь {suggestion}.',
    ),
  },
  integration_unknown: {
    en: text(
      'No integration has the id "{value}"; what is sent there is answered 404 and not kept.',
      'Use the id of this integration, {suggestion}.',
    ),
    ru: text(
      'Интеграции с id «{value}» нет; на такие запросы ответ 404, и они не сохраняются.',
      'Используйте id этой интеграции: {suggestion}.',
    ),
  },
  integration_other: {
    en: text(
      'The URL belongs to another integration, "{name}": its conversions would be counted there, by its rules.',
      'Use the id of this integration, {suggestion}, or check the URL at "{name}".',
    ),
    ru: text(
      'Это ссылка другой интеграции — «{name}»: конверсии засчитаются там и по её правилам.',
      'Используйте id этой интеграции, {suggestion}, или проверьте ссылку в «{name}».',
    ),
  },
  query_not_possible: {
    en: text(
      '{name} appends its own parameters and does not work with a URL that holds a "?".',
      'Paste the URL without a query; the event stands in its path.',
    ),
    ru: text(
      '{name} сама добавляет параметры и не работает со ссылкой, в которой есть «?».',
      'Вставьте ссылку без параметров; событие указано в её пути.',
    ),
  },
  secret_missing: {
    en: text(
      'This integration asks for a secret and the URL has none: every postback would be quarantined.',
      'Add key=… with the secret, or send it in the header X-Tracker-Key.',
    ),
    ru: text(
      'Интеграция требует секрет, а в ссылке его нет: каждый постбэк попадёт в карантин.',
      'Добавьте key=… с секретом или передавайте его в заголовке X-Tracker-Key.',
    ),
  },
  secret_wrong: {
    en: text(
      'The secret in the URL is not valid (any more): every postback would be quarantined.',
      'Put the current secret after key=, or make a new one.',
    ),
    ru: text(
      'Секрет в ссылке неверен или больше не действует: каждый постбэк попадёт в карантин.',
      'Укажите после key= действующий секрет или создайте новый.',
    ),
  },
  secret_unused: {
    en: text(
      'The URL carries key=…, but this integration asks for no secret.',
      'Take it out, or give the integration a secret.',
    ),
    ru: text(
      'В ссылке есть key=…, но интеграция секрета не требует.',
      'Уберите его или задайте интеграции секрет.',
    ),
  },
};
