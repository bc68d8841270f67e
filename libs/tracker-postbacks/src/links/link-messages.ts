import { type LinkProblemReason } from '../rules/link-rendering.rule';
import { type BaseUrlProblem } from '../rules/link-template.rule';
import { type Locale } from '../rules/messages';

/** What can be odd about a link that is kept all the same. */
export const LINK_FINDING_CODES = [
  'network_macro_on_link',
  'macro_unknown',
  'click_parameter_taken',
] as const;
/** Stable; may be branched on. */
export type LinkFindingCode = (typeof LINK_FINDING_CODES)[number];

type Text = Readonly<Record<Locale, string>>;
/** Of one line and bounded, as the callers quote them. */
type Arguments = Readonly<Record<string, string>>;

const PLACEHOLDER = /<(\w+)>/g;

/** What is wrong with a base URL, and how to mend it. */
const BASE_URL: Readonly<Record<BaseUrlProblem, Text>> = {
  too_long: {
    en: 'The base URL is longer than 2,000 characters. Paste only the link that the network gave you.',
    ru: 'Базовая ссылка длиннее 2000 символов. Вставьте только ту ссылку, которую выдала партнёрка.',
  },
  control_characters: {
    en: 'The base URL holds control characters, such as a line break or a tab. Paste it again as plain text.',
    ru: 'В базовой ссылке есть управляющие символы, например перенос строки или табуляция. Вставьте её заново как обычный текст.',
  },
  not_http: {
    en: 'The base URL has to begin with https:// or http://.',
    ru: 'Базовая ссылка должна начинаться с https:// или http://.',
  },
  macro_in_address: {
    en: 'The base URL holds a macro before its path, where it could lead to any site. Write scheme and host out; macros can stand in the path, the parameters and the fragment.',
    ru: 'В базовой ссылке есть макрос до пути, где он мог бы увести на любой сайт. Напишите схему и домен полностью; макросы возможны в пути, параметрах и после #.',
  },
  credentials: {
    en: 'The base URL holds a user name or password before "@". Remove them: everybody who gets the link would see them.',
    ru: 'В базовой ссылке есть логин или пароль перед «@». Уберите их: их увидит каждый, кто получит ссылку.',
  },
  white_space: {
    en: 'The base URL holds a space or an invisible character. Remove it, or write a space as %20.',
    ru: 'В базовой ссылке есть пробел или невидимый символ. Уберите его или запишите пробел как %20.',
  },
  host_invalid: {
    en: 'The base URL does not name a host that can be opened. Check what stands between "//" and the next "/".',
    ru: 'В базовой ссылке нет домена, который можно открыть. Проверьте, что стоит между «//» и следующим «/».',
  },
};

/** Why a link cannot be given to a lead, and how to mend it. */
const RENDERING: Readonly<Record<LinkProblemReason, Text>> = {
  absent: {
    en: 'There is no value for <macro>. Send it in <field>, or take the macro out of the link.',
    ru: 'Нет значения для <macro>. Передайте его в <field> или уберите макрос из ссылки.',
  },
  unknown: {
    en: 'Nothing can stand for <macro> in <field>. Macros are {{tracker.<key>}}, {{fields.<key>}} and {{variables.<name>}}, in exactly two braces.',
    ru: 'Вместо <macro> в <field> нечего подставить. Макросы — {{tracker.<key>}}, {{fields.<key>}} и {{variables.<name>}}, ровно в двух скобках.',
  },
  circular: {
    en: 'The variables hold each other in a circle: <macro>. Break the circle in <field>.',
    ru: 'Переменные ссылаются друг на друга по кругу: <macro>. Разорвите круг в <field>.',
  },
  too_deep: {
    en: 'The variables hold each other more than five levels deep: <macro>. Put the value further up.',
    ru: 'Переменные вложены глубже пяти уровней: <macro>. Поднимите значение выше.',
  },
  too_long: {
    en: 'The link would be longer than 8,192 characters, which browsers and messengers cut off. Shorten the values.',
    ru: 'Ссылка вышла бы длиннее 8192 символов, а такие обрезают браузеры и мессенджеры. Сократите значения.',
  },
  folder: {
    en: 'A value would make "." or ".." of a part of the path, which browsers take out of the link. Send another value, or put the macro into a parameter.',
    ru: 'Из-за значения часть пути стала бы «.» или «..», а их браузеры выбрасывают из ссылки. Передайте другое значение или перенесите макрос в параметр.',
  },
};

/** What a finding is, and what to do about it; `field` is the fix for a macro that stands for a custom field. */
const FINDINGS: Readonly<
  Record<LinkFindingCode, { readonly message: Text; readonly fix: Text; readonly fieldFix?: Text }>
> = {
  network_macro_on_link: {
    message: {
      en: 'The link holds <macro>, a macro of the network. The network fills it in only in postbacks, so leads get it as it stands.',
      ru: 'В ссылке стоит <macro> — макрос партнёрки. Она подставляет его только в постбэках, поэтому лид получит его как есть.',
    },
    fix: {
      en: 'Take <macro> out of the link. What the network should report belongs into a postback URL.',
      ru: 'Уберите <macro> из ссылки. Данным, которые должна передать партнёрка, место в ссылке постбэка.',
    },
    fieldFix: {
      en: 'Take "<parameter>" out of the link and add the field mapping { "key": "<key>", "macro": "<macro>" } to the postback configs: the postback URLs then carry <parameter>=<macro>.',
      ru: 'Уберите «<parameter>» из ссылки и добавьте в настройки постбэков поле { "key": "<key>", "macro": "<macro>" }: тогда ссылки постбэков получат <parameter>=<macro>.',
    },
  },
  macro_unknown: {
    message: {
      en: 'Nothing can stand for <macro>, so this link cannot be given to a lead: rendering answers macro_left.',
      ru: 'Вместо <macro> нечего подставить, поэтому выдать ссылку лиду нельзя: рендеринг ответит macro_left.',
    },
    fix: {
      en: 'Write {{tracker.clickid}}, {{fields.<key>}} or {{variables.<name>}}, in exactly two braces, or remove it.',
      ru: 'Напишите {{tracker.clickid}}, {{fields.<key>}} или {{variables.<name>}} ровно в двух скобках либо уберите его.',
    },
  },
  click_parameter_taken: {
    message: {
      en: 'The base URL already has the click-id parameter "<parameter>", with the value "<value>".',
      ru: 'В базовой ссылке уже есть параметр id клика «<parameter>» со значением «<value>».',
    },
    fix: {
      en: 'Remove the parameter from the base URL, or write <parameter>={{tracker.clickid}}; or choose another click-id parameter for the integration.',
      ru: 'Уберите параметр из базовой ссылки или напишите <parameter>={{tracker.clickid}}; либо выберите для интеграции другой параметр id клика.',
    },
  },
};

export function baseUrlMessage(problem: BaseUrlProblem, locale: Locale): string {
  return BASE_URL[problem][locale];
}

export function renderingMessage(reason: LinkProblemReason, locale: Locale, args: Arguments): string {
  return filled(RENDERING[reason][locale], args);
}

export function findingMessage(code: LinkFindingCode, locale: Locale, args: Arguments): string {
  return filled(FINDINGS[code].message[locale], args);
}

/** @param forField whether the fix can be a field mapping */
export function findingFix(code: LinkFindingCode, locale: Locale, args: Arguments, forField = false): string {
  const { fix, fieldFix = fix } = FINDINGS[code];
  return filled((forField ? fieldFix : fix)[locale], args);
}

/** In one pass: a value that looks like a placeholder stays as it came. */
function filled(text: string, args: Arguments): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string) => args[name] ?? placeholder);
}
