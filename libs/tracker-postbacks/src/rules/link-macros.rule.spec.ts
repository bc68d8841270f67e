import { isClickIdMacro, linkPieces, maskedMacros } from './link-macros.rule';

/** Each piece in short: a text as it is, a macro as `<group:key>`, what nothing can stand for as `!text!`. */
const short = (text: string): string =>
  linkPieces(text)
    .map((piece) => {
      if (piece.kind === 'text') return piece.text;
      return piece.kind === 'macro' ? `<${piece.group}:${piece.key}>` : `!${piece.text}!`;
    })
    .join('');

it.each([
  ['no macro', 'a=1&b={sub1}', 'a=1&b={sub1}'],
  ['each group', '{{tracker.a}}{{fields.b}}{{variables.c}}', '<tracker:a><fields:b><variables:c>'],
  ['chat.tracker is tracker', '{{chat.tracker.clickid}}', '<tracker:clickid>'],
  ['but chat is nothing else', '{{chat.fields.a}}', '!{{chat.fields.a}}!'],
  ['spaces within the braces', '{{  tracker.clickid }}', '<tracker:clickid>'],
  ['no-break spaces too', '{{\u00a0tracker.clickid\u00a0}}', '<tracker:clickid>'],
  ['encoded spaces too', '{{%20tracker.clickid%20}}', '<tracker:clickid>'],
  ['a key of several parts is one key', '{{fields.a.b.c}}', '<fields:a.b.c>'],
  ['a key of any script', '{{fields.имя лида}}', '<fields:имя лида>'],
  ['a stray percent sign', '{{fields.100%}}', '<fields:100%>'],
  ['bytes that are no UTF-8', '{{fields.%FF}}', '<fields:%FF>'],
  ['separators of URLs', '{{fields.a&b?c#d}}', '<fields:a&b?c#d>'],
  ['names are case-sensitive', '{{Tracker.clickid}}', '!{{Tracker.clickid}}!'],
  ['a group alone', '{{fields}}{{fields.}}', '!{{fields}}!!{{fields.}}!'],
  ['another name', '{{EXTERNAL_ID}}', '!{{EXTERNAL_ID}}!'],
  ['nothing', '{{}}{{ }}', '!{{}}!!{{ }}!'],
  ['three braces', '{{{fields.a}}}', '!{{{fields.a}}}!'],
  ['one too many in front', '{{{fields.a}}', '!{{{fields.a}}!'],
  ['one too many behind', '{{fields.a}}}', '!{{fields.a}}}!'],
  ['one too few', '{{fields.a}&b=1', '!{{!fields.a}&b=1'],
  ['not closed', 'x={{fields.a', 'x=!{{!fields.a'],
  ['not opened', 'x=fields.a}}', 'x=fields.a}}'],
  ['a brace inside', '{{fields.{a}}}', '!{{!fields.{a}}}'],
  ['within single braces', '{a{{fields.a}}', '{a<fields:a>'],
  ['JSON closes two at once', '{"a":{"b":1}}', '{"a":{"b":1}}'],
  ['encoded braces', '%7B%7Btracker.clickid%7D%7D', '<tracker:clickid>'],
  ['encoded in small letters', '%7b%7b%20tracker.clickid%7d%7d', '<tracker:clickid>'],
  ['encoded, none of ours: data', '%7B%7Bname%7D%7D', '%7B%7Bname%7D%7D'],
  ['three encoded braces: data', '%7B%7B%7Bfields.a%7D%7D%7D', '%7B%7B%7Bfields.a%7D%7D%7D'],
])('reads %s', (_, text, expected) => {
  expect(short(text)).toBe(expected);
  expect(
    linkPieces(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
  expect(maskedMacros(text)).toHaveLength(text.length);
});

it.each([
  ['{{tracker.clickid}}', true],
  ['{{ chat.tracker.clickid }}', true],
  ['%7B%7Btracker.clickid%7D%7D', true],
  ['', false],
  ['tracker.clickid', false],
  ['{tracker.clickid}', false],
  ['{{tracker.clickId}}', false],
  ['{{fields.clickid}}', false],
  ['x{{tracker.clickid}}', false],
  ['{{tracker.clickid}}{{tracker.clickid}}', false],
])('takes %j for the click-id macro: %s', (text, expected) => {
  expect(isClickIdMacro(text)).toBe(expected);
});

it('reads hostile texts', () => {
  const hostile = ['{', '{{', '{{a', '{{a}', '%7b', '%7b%7b', '%7B%7Ba', '{{{{a}'].map((text) =>
    text.repeat(50_000),
  );
  for (const text of hostile) expect(maskedMacros(text)).toHaveLength(text.length);
});
