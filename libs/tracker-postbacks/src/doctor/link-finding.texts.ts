import { type LINK_FINDINGS } from './finding-codes';
import { type FindingTexts, text } from './finding-text';

/** The findings about a registration link. */
export const LINK_FINDING_TEXTS: Readonly<Record<(typeof LINK_FINDINGS)[number], FindingTexts>> = {
  link_macro_missing: {
    en: text(
      'The registration link does not carry our click id: no postback of its leads could be matched.',
      'Add {suggestion}.',
    ),
    ru: text(
      'В ссылке на регистрацию нет нашего id клика: постбэки её лидов не удастся связать.',
      'Добавьте {suggestion}.',
    ),
  },
  link_macro_damaged: {
    en: text(
      '"{value}" is not our macro: it needs two braces on each side, unencoded, so it would not be filled in.',
      'Write {suggestion}.',
    ),
    ru: text(
      '«{value}» — не наш макрос: нужны по две незакодированные скобки с каждой стороны, иначе он не заполнится.',
      'Напишите {suggestion}.',
    ),
  },
  link_click_parameter: {
    en: text(
      'The click id stands in "{parameter}", but this integration expects it back from "{name}".',
      'Use {suggestion}, or change the click-id parameter of the integration.',
    ),
    ru: text(
      'Id клика стоит в «{parameter}», а интеграция ждёт его из «{name}».',
      'Используйте {suggestion} или измените параметр id клика в интеграции.',
    ),
  },
  link_click_parameter_taken: {
    en: text(
      'The click-id parameter "{parameter}" holds "{value}" instead of our macro: the network would send that back.',
      'Write {suggestion}.',
    ),
    ru: text(
      'В параметре id клика «{parameter}» стоит «{value}» вместо нашего макроса: это и вернёт сеть.',
      'Напишите {suggestion}.',
    ),
  },
  network_macro_on_link: {
    en: text(
      '"{parameter}={value}" asks for a value of the network on the link that goes to the lead; nobody fills it in there.',
      'Take it off the link. For a custom field, map it in the postback instead: {suggestion}.',
    ),
    ru: text(
      '«{parameter}={value}» запрашивает значение сети в ссылке для лида; там его никто не подставит.',
      'Уберите его из ссылки. Для кастомного поля настройте запись в постбэке: {suggestion}.',
    ),
  },
};
