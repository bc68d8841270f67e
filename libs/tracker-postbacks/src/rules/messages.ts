import { type MessageArguments, type WarningCode } from './codes';
import { quotable } from './text.rule';

export type Locale = 'en' | 'ru';

type Texts = Readonly<Record<Locale, string>>;

/** Stands where a text names something that the case at hand did not bring. */
const NOTHING = '…';
const PLACEHOLDER = /\{(parameter|value|values|used|by|event|recorded|mark|limit)\}/g;

/**
 * What every code means, in which parameter, and how to mend it. `{parameter}` is the parameter at fault as the request
 * names it; the other placeholders are the arguments of the verdict or warning.
 */
const TEXTS: Readonly<Record<WarningCode, Texts>> = {
  // accepted
  ok: {
    en: 'Accepted and recorded.',
    ru: 'Принято и записано.',
  },

  // duplicate
  same_transaction: {
    en: 'Nothing was counted again: transaction "{value}" is already recorded as {event}. If this is another deposit, send its own id in tracker.tid.',
    ru: 'Повторно не засчитано: транзакция «{value}» уже записана как {event}. Если это другой депозит, передайте в tracker.tid его собственный номер.',
  },
  once_per_click: {
    en: "Nothing was counted again: this click already has {event}, and it counts once per click unless tracker.tid tells events apart. For repeat deposits send tracker.event=resale, or add tracker.tid with the network's transaction id.",
    ru: 'Повторно не засчитано: у этого клика уже есть {event}, и без tracker.tid такое событие считается один раз на клик. Для повторных депозитов передавайте tracker.event=resale или добавьте tracker.tid с номером транзакции сети.',
  },
  same_request: {
    en: 'Nothing was counted again: exactly the same request was counted a moment ago as {event}. If two such events can happen within seconds, add tracker.tid with the transaction id.',
    ru: 'Повторно не засчитано: точно такой же запрос только что засчитан как {event}. Если два таких события возможны за секунды, добавьте tracker.tid с номером транзакции.',
  },

  // unmatched
  click_unknown: {
    en: 'Kept and waiting: no click with the id "{value}" (parameter "{parameter}") is known yet. It is counted as soon as that click is registered. If it never is, check that the registration link carries {{tracker.clickid}} in the parameter that the network sends back.',
    ru: 'Сохранено и ждёт: клик с id «{value}» (параметр «{parameter}») пока неизвестен. Событие будет засчитано, как только этот клик появится. Если он не появляется, проверьте, что в ссылке на регистрацию есть {{tracker.clickid}} в том параметре, который сеть возвращает.',
  },
  click_missing: {
    en: "Kept, but it cannot be matched to a lead: no click id came. Add clickid=… with the network's macro for it to the postback URL, e.g. clickid={sub1}.",
    ru: 'Сохранено, но лид не определён: id клика не пришёл. Добавьте в ссылку постбэка clickid=… с макросом сети, например clickid={sub1}.',
  },
  nothing_to_reverse: {
    en: 'Kept, but nothing was taken back: no single open deposit of this click fits. Send tracker.tid of the deposit that is reversed.',
    ru: 'Сохранено, но ничего не отменено: у этого клика нет одного подходящего открытого депозита. Передайте в tracker.tid номер отменяемого депозита.',
  },

  // ignored
  event_ignored: {
    en: 'Set aside: the event map of this integration ignores the word "{value}" (parameter "{parameter}"). To count it, change the event map and replay the postback.',
    ru: 'Отложено: карта событий этой интеграции игнорирует слово «{value}» (параметр «{parameter}»). Чтобы засчитать его, измените карту событий и повторите обработку постбэка.',
  },
  event_not_allowed: {
    en: 'Set aside: the event "{value}" is not in this integration\'s list of allowed events. Add it there and replay the postback.',
    ru: 'Отложено: события «{value}» нет в списке разрешённых событий этой интеграции. Добавьте его и повторите обработку постбэка.',
  },
  campaign_mismatch: {
    en: 'Set aside: this click does not belong to the campaign that the integration is limited to. Check that the URL is the one of the right integration.',
    ru: 'Отложено: этот клик не из той кампании, которой ограничена интеграция. Проверьте, что использована ссылка нужной интеграции.',
  },
  integration_paused: {
    en: 'Set aside: the integration is paused. Activate it and replay the postback.',
    ru: 'Отложено: интеграция приостановлена. Включите её и повторите обработку постбэка.',
  },
  integration_deleted: {
    en: 'Set aside: the integration was deleted. It can be restored within 30 days; then replay the postback.',
    ru: 'Отложено: интеграция удалена. В течение 30 дней её можно восстановить и затем повторить обработку постбэка.',
  },
  click_erased: {
    en: 'Set aside: the data of this click was erased on request, so nothing more is recorded for it.',
    ru: 'Отложено: данные этого клика удалены по запросу, поэтому для него больше ничего не записывается.',
  },

  // deferred
  stored_for_later: {
    en: 'Stored safely; it will be judged as soon as the database is back. Do not send it again.',
    ru: 'Надёжно сохранено; будет обработано, как только вернётся база данных. Повторять отправку не нужно.',
  },
  judging_failed: {
    en: 'Stored safely; an error on our side stopped its judging, which is tried again by itself. Do not send it again.',
    ru: 'Надёжно сохранено; обработку прервала наша ошибка, попытка повторится сама. Повторять отправку не нужно.',
  },

  // rejected
  event_missing: {
    en: 'The request does not say what happened. Add the parameter tracker.event to the postback URL, e.g. tracker.event=sale (or registration, conf, resale, a name of your own).',
    ru: 'В запросе не указано, что произошло. Добавьте в ссылку постбэка параметр tracker.event, например tracker.event=sale (или registration, conf, resale, своё название).',
  },
  event_invalid: {
    en: 'The value "{value}" of "{parameter}" cannot be an event name. Use 1–64 Latin letters, digits, "_", "." or "-", beginning with a letter or digit, and none of the reserved words (fields, unmatched, conversion, amended, reinstated, ignore, error).',
    ru: 'Значение «{value}» параметра «{parameter}» не может быть названием события. Нужны 1–64 латинские буквы, цифры, «_», «.» или «-», в начале буква или цифра; зарезервированные слова (fields, unmatched, conversion, amended, reinstated, ignore, error) не подходят.',
  },
  macro_unreplaced: {
    en: 'The network sent its macro "{value}" in "{parameter}" as it is, without filling it in. Check in the network\'s cabinet that this macro exists, is spelled exactly so, and is available for this event.',
    ru: 'Сеть прислала макрос «{value}» в параметре «{parameter}» как есть, не подставив значение. Проверьте в кабинете сети, что такой макрос существует, написан именно так и доступен для этого события.',
  },
  conflicting_parameter: {
    en: 'The parameter "{parameter}" came more than once with different values ({values}), and only one can be meant. Remove the other from the postback URL or from what the network appends.',
    ru: 'Параметр «{parameter}» пришёл несколько раз с разными значениями ({values}), а верным может быть только одно. Уберите лишнее из ссылки постбэка или из того, что добавляет сеть.',
  },
  too_large: {
    en: 'The value of "{parameter}" is longer than the 255 characters allowed for a click id or transaction id. Check which macro fills it.',
    ru: 'Значение параметра «{parameter}» длиннее 255 символов, допустимых для id клика или транзакции. Проверьте, какой макрос его заполняет.',
  },

  // quarantined
  secret_wrong: {
    en: 'Not judged: the secret is missing or wrong. Copy the ready URL again, with its key=… at the end, or send the secret in the header X-Tracker-Key.',
    ru: 'Не обработано: секрет отсутствует или неверен. Скопируйте готовую ссылку заново вместе с key=… в конце или передайте секрет в заголовке X-Tracker-Key.',
  },
  address_not_allowed: {
    en: "Not judged: the request came from an address outside this integration's allow-list. Add the address of the network's server to the list and release the postback.",
    ru: 'Не обработано: запрос пришёл с адреса вне списка разрешённых для этой интеграции. Добавьте в список адрес сервера сети и выпустите постбэк из карантина.',
  },

  // warnings only: amounts
  amount_ambiguous: {
    en: 'The amount "{value}" in "{parameter}" can be read in two ways, so none was recorded. Set the decimal mark of the integration ("." or ",").',
    ru: 'Сумму «{value}» в параметре «{parameter}» можно прочитать двояко, поэтому она не записана. Задайте в интеграции десятичный разделитель («.» или «,»).',
  },
  amount_differs: {
    en: 'This conversion is already recorded with {recorded}, now {value} came in "{parameter}". The recorded amount stands; replay the right postback to change it.',
    ru: 'Эта конверсия уже записана с суммой {recorded}, теперь в параметре «{parameter}» пришло {value}. Остаётся записанная сумма; чтобы изменить её, повторите обработку верного постбэка.',
  },
  amount_missing: {
    en: "The deposit came without an amount. Add tracker.cost=… with the network's amount macro to the postback URL, e.g. tracker.cost={amount}.",
    ru: 'Депозит пришёл без суммы. Добавьте в ссылку постбэка tracker.cost=… с макросом суммы, например tracker.cost={amount}.',
  },
  amount_unreadable: {
    en: '"{value}" in "{parameter}" is not an amount, so none was recorded. Send one number, e.g. 12.50.',
    ru: '«{value}» в параметре «{parameter}» не является суммой, поэтому она не записана. Передавайте одно число, например 12.50.',
  },
  currency_differs: {
    en: 'The currency "{value}" in "{parameter}" was recorded, although the amount itself says {mark}. Check which of the two is right.',
    ru: 'Записана валюта «{value}» из параметра «{parameter}», хотя в самой сумме указано {mark}. Проверьте, что из двух верно.',
  },
  currency_unreadable: {
    en: '"{value}" in "{parameter}" is not one currency code, so the amount has no currency. Send one code, e.g. tracker.currency=usd.',
    ru: '«{value}» в параметре «{parameter}» не является одним кодом валюты, поэтому сумма осталась без валюты. Передавайте один код, например tracker.currency=usd.',
  },
  decimal_mark_differs: {
    en: 'The amount "{value}" in "{parameter}" is not written with the integration\'s decimal mark "{mark}"; it was read as it clearly stands. Check the integration\'s decimal mark.',
    ru: 'Сумма «{value}» в параметре «{parameter}» записана не с тем десятичным разделителем, что в интеграции («{mark}»); она прочитана так, как однозначно написана. Проверьте разделитель в интеграции.',
  },

  // warnings only: events and roles
  event_differs: {
    en: '"{parameter}" says "{value}", but "{by}" says "{used}", and that counts. Leave only one of them to name the event.',
    ru: 'В «{parameter}» указано «{value}», а в «{by}» — «{used}», и засчитано второе. Оставьте для события только один из этих параметров.',
  },
  event_overruled: {
    en: '"{by}" says "{used}", but "{parameter}" says "{value}", which the event map sets aside or takes back; so it is no "{used}". If that is wrong, change the event map.',
    ru: 'В «{by}» указано «{used}», но в «{parameter}» — «{value}», а это слово по карте событий отменяет событие или игнорируется; поэтому «{used}» не засчитано. Если это неверно, измените карту событий.',
  },
  event_unfinished: {
    en: 'The event "{value}" in "{parameter}" looks like an unfinished default and was read as a deposit. Write sale (first deposit) or resale (repeat deposit) in the postback URL.',
    ru: 'Событие «{value}» в «{parameter}» похоже на незаполненное значение по умолчанию и прочитано как депозит. Укажите в ссылке постбэка sale (первый депозит) или resale (повторный).',
  },
  ordinal_ignored: {
    en: 'The number in "{value}" ("{parameter}") was ignored: deposits are numbered here. Send sale or resale.',
    ru: 'Номер в «{value}» («{parameter}») не учтён: депозиты нумеруются здесь. Передавайте sale или resale.',
  },
  parameter_differs: {
    en: '"{parameter}" came more than once; the first value "{used}" counts, "{value}" does not. Leave only one.',
    ru: 'Параметр «{parameter}» пришёл несколько раз; учтено первое значение «{used}», а «{value}» — нет. Оставьте один.',
  },
  role_differs: {
    en: '"{parameter}" brought "{value}", but "{by}" comes first with "{used}", and that counts. Leave only one of them.',
    ru: 'В «{parameter}» пришло «{value}», но раньше учитывается «{by}» со значением «{used}». Оставьте один из этих параметров.',
  },
  tid_unusable: {
    en: '"{value}" in "{parameter}" is the same for every deposit, so it cannot be a transaction id and was left out. Use the macro with the network\'s own transaction id.',
    ru: '«{value}» в параметре «{parameter}» одинаково для всех депозитов, поэтому не может быть номером транзакции и не учтено. Используйте макрос с номером транзакции сети.',
  },
  plus_restored: {
    en: 'The click id in "{parameter}" held a space where a "+" belongs; it was found with "+". The network should encode "+" as %2B.',
    ru: 'В id клика («{parameter}») вместо «+» пришёл пробел; клик найден с «+». Сеть должна кодировать «+» как %2B.',
  },

  // warnings only: fields and macros
  field_cut: {
    en: 'The value of "{parameter}" was cut to {limit} characters.',
    ru: 'Значение «{parameter}» сокращено до {limit} символов.',
  },
  field_dropped: {
    en: '"{parameter}" was not written: a field key has 1–64 characters, no control characters and no reserved name such as constructor, and one postback carries at most 100 fields.',
    ru: '«{parameter}» не записано: ключ поля — 1–64 символа без управляющих и не зарезервированное имя вроде constructor, а в одном постбэке не больше 100 полей.',
  },
  macro_in_name: {
    en: 'The parameter named "{parameter}" was left out: its name is a macro that the network did not fill in. Check that this macro exists in the network\'s cabinet.',
    ru: 'Параметр с именем «{parameter}» не учтён: его имя — макрос, который сеть не подставила. Проверьте, что такой макрос есть в кабинете сети.',
  },
  macro_in_value: {
    en: 'The value "{value}" of "{parameter}" holds what looks like a macro; it was written as it is. Check whether the network should have filled it in.',
    ru: 'В значении «{value}» параметра «{parameter}» есть нечто похожее на макрос; оно записано как есть. Проверьте, не должна ли была сеть его подставить.',
  },

  // warnings only: the request as a whole
  body_unreadable: {
    en: 'The body is not a JSON object and was not read. Send a JSON object, a form, or put the parameters into the URL.',
    ru: 'Тело запроса не является объектом JSON и не прочитано. Передайте объект JSON, форму или параметры в ссылке.',
  },
  json_too_deep: {
    en: 'What is nested deeper than five levels in the JSON body was not read. Put the values that matter further up.',
    ru: 'Вложенное глубже пяти уровней в теле JSON не прочитано. Поднимите нужные значения выше.',
  },
  not_utf8: {
    en: '"{parameter}" is not percent-encoded UTF-8 and was kept undecoded. Set the network\'s encoding to UTF-8.',
    ru: '«{parameter}» закодирован не в UTF-8 и оставлен как есть. Укажите в сети кодировку UTF-8.',
  },
  parameters_cut: {
    en: 'The request has more than {limit} parameters; the rest was not read. Send only what is needed.',
    ru: 'В запросе больше {limit} параметров; остальные не прочитаны. Передавайте только нужное.',
  },
  url_repaired: {
    en: 'The URL was damaged when it was pasted (&amp;, a backslash before & or _, a sign in place of &currency, or a second "?") and was read as it was meant. Copy the ready URL again as plain text.',
    ru: 'Ссылка повреждена при вставке (&amp;, обратная косая черта перед & или _, знак вместо &currency или второй «?») и прочитана так, как задумано. Скопируйте готовую ссылку заново как обычный текст.',
  },
};

/**
 * The text of a code. Values are repeated up to 64 characters; an argument that the text names and the case did not
 * bring is shown as `…`.
 */
export function messageOf(
  code: WarningCode,
  locale: Locale,
  args?: MessageArguments,
  parameter?: string | null,
): string {
  // One pass: a value that looks like a placeholder stays as it came.
  return TEXTS[code][locale].replace(PLACEHOLDER, (_, name: string) => {
    const value = name === 'parameter' ? parameter : args?.[name];
    return value === undefined || value === null || value === '' ? NOTHING : quotable(value);
  });
}
