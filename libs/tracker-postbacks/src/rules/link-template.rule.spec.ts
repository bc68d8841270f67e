import fc from 'fast-check';
import { checkedBaseUrl, linkParameters, linkUrl, MAX_BASE_URL_LENGTH } from './link-template.rule';

const CLICK = '{{tracker.clickid}}';
const M = 'sub1={{tracker.clickid}}';
/** Characters behind the host of the longest base URL. */
const ROOM = MAX_BASE_URL_LENGTH - 'https://n.example/'.length;

describe('the final URL', () => {
  it.each([
    // The examples that users are shown.
    ['a bare host', 'https://api.example.com', `https://api.example.com?${M}`],
    ['a path', 'https://1w.example/casino/play/aviator', `https://1w.example/casino/play/aviator?${M}`],
    [
      'one parameter',
      'https://1w.example/casino/play/aviator?open=register',
      `https://1w.example/casino/play/aviator?open=register&${M}`,
    ],
    [
      'several parameters',
      'https://pocket.example/register?utm_campaign=764984&utm_source=affiliate&code=JOIN',
      `https://pocket.example/register?utm_campaign=764984&utm_source=affiliate&code=JOIN&${M}`,
    ],
    // Where the parameter goes.
    ['a slash at the end', 'https://n.example/', `https://n.example/?${M}`],
    ['an empty query', 'https://n.example/?', `https://n.example/?${M}`],
    ['a trailing &', 'https://n.example/?a=1&', `https://n.example/?a=1&${M}`],
    ['nothing but &', 'https://n.example/?&', `https://n.example/?&${M}`],
    ['a fragment', 'https://n.example/#top', `https://n.example/?${M}#top`],
    ['an empty fragment', 'https://n.example/#', `https://n.example/?${M}#`],
    ['query and fragment', 'https://n.example/?a=1#top', `https://n.example/?a=1&${M}#top`],
    ['an empty query and a fragment', 'https://n.example/?#top', `https://n.example/?${M}#top`],
    ['a fragment with its own ?', 'https://n.example/#/reg?x=1', `https://n.example/?${M}#/reg?x=1`],
    [
      'a fragment with the parameter',
      'https://n.example/#/reg?sub1=7',
      `https://n.example/?${M}#/reg?sub1=7`,
    ],
    ['a second ?', 'https://n.example/?a=1?b=2', `https://n.example/?a=1?b=2&${M}`],
    // Byte for byte.
    [
      'odd bytes',
      'https://n.example/%7e/a+b?q=%c8%E2&&=x&c#%',
      `https://n.example/%7e/a+b?q=%c8%E2&&=x&c&${M}#%`,
    ],
    ['order and repeats', 'https://n.example/?b=2&a=1&b=3', `https://n.example/?b=2&a=1&b=3&${M}`],
    ['upper case', 'HTTP://N.Example/PATH?A=B', `HTTP://N.Example/PATH?A=B&${M}`],
    ['other scripts', 'https://казино.рф/путь?имя=я', `https://казино.рф/путь?имя=я&${M}`],
    [
      'damage that is not ours to mend',
      'https://n.example/?a=1&amp;b=2',
      `https://n.example/?a=1&amp;b=2&${M}`,
    ],
    [
      'macros of ours',
      'https://n.example/{{fields.lang}}?n={{ fields.n }}',
      `https://n.example/{{fields.lang}}?n={{ fields.n }}&${M}`,
    ],
    [
      'macros of the network',
      'https://n.example/?fields.userid={user_id}',
      `https://n.example/?fields.userid={user_id}&${M}`,
    ],
    [
      'separators within a macro',
      'https://n.example/?a={{fields.x?y&z#w}}',
      `https://n.example/?a={{fields.x?y&z#w}}&${M}`,
    ],
    ['the macro elsewhere', `https://n.example/?sub4=${CLICK}`, `https://n.example/?sub4=${CLICK}&${M}`],
    ['the name in another case', 'https://n.example/?SUB1=7', `https://n.example/?SUB1=7&${M}`],
    ['the name as a part', 'https://n.example/?sub10=7&xsub1=8', `https://n.example/?sub10=7&xsub1=8&${M}`],
    // Already there.
    ['the macro in its place', `https://n.example/?${M}&a=1#x`, `https://n.example/?${M}&a=1#x`],
    [
      'its other name',
      'https://n.example/?sub1={{chat.tracker.clickid}}',
      'https://n.example/?sub1={{chat.tracker.clickid}}',
    ],
    [
      'spaces in it',
      'https://n.example/?sub1={{ tracker.clickid }}',
      'https://n.example/?sub1={{ tracker.clickid }}',
    ],
    [
      'encoded braces',
      'https://n.example/?sub1=%7B%7Btracker.clickid%7D%7D',
      'https://n.example/?sub1=%7B%7Btracker.clickid%7D%7D',
    ],
    [
      'the name encoded',
      'https://n.example/?sub%31={{tracker.clickid}}',
      'https://n.example/?sub%31={{tracker.clickid}}',
    ],
    ['empty', 'https://n.example/?sub1=&a=1', `https://n.example/?${M}&a=1`],
    ['empty at the end', 'https://n.example/?a=1&sub1=#x', `https://n.example/?a=1&${M}#x`],
    ['without =', 'https://n.example/?a=1&sub1', `https://n.example/?a=1&${M}`],
    ['empty, its name encoded', 'https://n.example/?sub%31=&a', `https://n.example/?sub%31=${CLICK}&a`],
    ['empty twice', 'https://n.example/?sub1&a=1&sub1=', `https://n.example/?${M}&a=1&${M}`],
    ['filled and empty', `https://n.example/?${M}&sub1=`, `https://n.example/?${M}&${M}`],
  ])('%s', (_, baseUrl, url) => {
    expect(linkUrl(baseUrl, 'sub1')).toEqual({ ok: true, url });
    expect(linkUrl(url, 'sub1')).toEqual({ ok: true, url });
  });

  it.each([
    ['a value', 'https://n.example/?sub1=7', '7'],
    ['a space', 'https://n.example/?sub1=+', '+'],
    ['lost braces', 'https://n.example/?sub1=tracker.clickid', 'tracker.clickid'],
    ['the network’s own macro', 'https://n.example/?sub1={sub1}', '{sub1}'],
    ['one brace too few', 'https://n.example/?sub1={{tracker.clickid}', '{{tracker.clickid}'],
    ['three braces', 'https://n.example/?sub1={{{tracker.clickid}}}', '{{{tracker.clickid}}}'],
    ['another macro of ours', 'https://n.example/?sub1={{fields.clickid}}', '{{fields.clickid}}'],
    ['text around the macro', 'https://n.example/?sub1=x_{{tracker.clickid}}', 'x_{{tracker.clickid}}'],
    ['one of several', `https://n.example/?${M}&sub1=7&sub1=`, '7'],
    ['the name encoded', 'https://n.example/?sub%31=7', '7'],
  ])('is refused for %s in the parameter', (_, baseUrl, value) => {
    expect(linkUrl(baseUrl, 'sub1')).toEqual({ ok: false, value });
  });

  it('finds a name with brackets, plain or encoded', () => {
    expect(linkUrl('https://n.example/?sub%5B1%5D=7', 'sub[1]')).toEqual({ ok: false, value: '7' });
    expect(linkUrl('https://n.example/', 'sub[1]')).toEqual({
      ok: true,
      url: `https://n.example/?sub[1]=${CLICK}`,
    });
  });

  it('only ever adds, in one place, and carries the macro in exactly one parameter', () => {
    const part = fc.stringMatching(/^[a-z0-9=&?/%+._~{}-]{0,12}$/);
    fc.assert(
      fc.property(part, part, part, (path, query, fragment) => {
        const baseUrl = `https://n.example/${path}?${query}#${fragment}`;
        const link = linkUrl(baseUrl, 'sub1');
        if (!link.ok) return;
        const left = ['&', '?', ''].map((separator) => link.url.replace(`${separator}sub1=${CLICK}`, ''));
        expect(left).toContain(baseUrl);
        const own = linkParameters(link.url).filter(({ name }) => name === 'sub1');
        expect(own.map(({ value }) => value)).toEqual([CLICK]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a base URL', () => {
  it.each([
    'https://n.example',
    'http://n.example',
    'HTTP://N.EXAMPLE/',
    'https://n.example:8443/a?b=c#d',
    'https://казино.рф/',
    'https://xn--80aodfsg.xn--p1ai/',
    'https://[2001:db8::1]:8443/a',
    'https://192.0.2.7/a',
    'https://localhost/',
    'https://n.example/{{fields.lang}}/{{ variables.page }}?a={{tracker.x}}#{{fields.y}}',
    'https://n.example?a={sub1}',
    'https://n.example/@user?mail=a@b.example',
    'https://n.example/?next=javascript:alert(1)',
    `https://n.example/${'x'.repeat(ROOM)}`,
    `https://n.example/${'😀'.repeat(ROOM)}`,
  ])('may be %s', (baseUrl) => {
    expect(checkedBaseUrl(baseUrl)).toEqual({ ok: true, baseUrl });
  });

  it.each([' https://n.example/ ', '\u00a0https://n.example/', '\ufeffhttps://n.example/\u200b'])(
    'loses the spaces around it: %j',
    (given) => {
      expect(checkedBaseUrl(given)).toEqual({ ok: true, baseUrl: 'https://n.example/' });
    },
  );

  it.each([
    ['not_http', ''],
    ['not_http', '   '],
    ['not_http', 'n.example/a'],
    ['not_http', '//n.example/a'],
    ['not_http', '/a'],
    ['not_http', 'ftp://n.example/'],
    ['not_http', 'javascript:alert(1)'],
    ['not_http', ' JavaScript:alert(1)//https://n.example'],
    ['not_http', 'javascript://n.example/%0aalert(1)'],
    ['not_http', 'data:text/html,https://n.example'],
    ['not_http', 'tg://resolve?domain=x'],
    ['not_http', 'https:n.example'],
    ['not_http', 'https:/n.example'],
    ['not_http', 'https:\\\\n.example'],
    ['not_http', 'ｈttps://n.example/'],
    ['control_characters', 'java\tscript:alert(1)'],
    ['control_characters', '\u0001https://n.example/'],
    ['control_characters', 'https://n.example/\n'],
    ['control_characters', 'https://n.exam\r\nple/'],
    ['control_characters', 'https://n.example/\u0000'],
    ['control_characters', 'https://n.example/\u0085'],
    ['control_characters', 'https://n.example/\ud800'],
    ['credentials', 'https://user:secret@n.example/'],
    ['credentials', 'https://user@n.example'],
    ['credentials', 'https://@n.example/'],
    ['credentials', 'https://good.example\\@n.example/'],
    ['credentials', 'https://{{fields.user}}@n.example/'],
    ['macro_in_address', '{{variables.landing}}'],
    ['macro_in_address', '{{variables.scheme}}://n.example/'],
    ['macro_in_address', 'https{{variables.x}}://n.example/'],
    ['macro_in_address', '{scheme}://n.example/'],
    ['macro_in_address', 'https://{{variables.host}}/'],
    ['macro_in_address', 'https://{{variables.sub}}.n.example/'],
    ['macro_in_address', 'https://n.example{{variables.path}}'],
    ['macro_in_address', 'https://n.example:{{variables.port}}/'],
    ['macro_in_address', 'https://{domain}/'],
    ['macro_in_address', 'https://%7B%7Bvariables.host%7D%7D/'],
    ['white_space', 'https://n.example/a b'],
    ['white_space', 'https://n.example/\u00a0'.concat('a')],
    ['white_space', 'https://n.example/\u200ba'],
    ['white_space', 'https://n.\u00adexample/'],
    ['white_space', 'https://n.example/\u202egnp.exe'],
    ['host_invalid', 'https://'],
    ['host_invalid', 'https:///a'],
    ['host_invalid', 'https://?a=1'],
    ['host_invalid', 'https://n.example\\a'],
    ['host_invalid', 'https://n%2eexample/'],
    ['host_invalid', 'https://n.example:99999/'],
    ['host_invalid', 'https://[::1/'],
    ['host_invalid', 'https://a^b/'],
    ['too_long', `https://n.example/${'x'.repeat(ROOM + 1)}`],
    ['too_long', 'x'.repeat(1_000_000)],
  ])('is refused as %s: %#', (problem, given) => {
    expect(checkedBaseUrl(given)).toEqual({ ok: false, problem });
  });
});

it('cuts a query into parameters where the URL has them', () => {
  expect(linkParameters('https://n.example/a=1?b=2&&c&d+e=f%20g=h&{{fields.x&y}}={{fields.z=}}#i=3')).toEqual(
    [
      { name: 'b', value: '2', start: 22, end: 25 },
      { name: 'c', value: '', start: 27, end: 28 },
      { name: 'd e', value: 'f%20g=h', start: 29, end: 40 },
      { name: '{{fields.x&y}}', value: '{{fields.z=}}', start: 41, end: 69 },
    ],
  );
  expect(linkParameters('https://n.example/?%FF=1')).toMatchObject([{ name: '%FF' }]);
  expect(linkParameters('https://n.example/#?a=1&b=2')).toEqual([]);
});
