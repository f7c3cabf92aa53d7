import { expect, it } from 'vitest';
import { html } from './html.js';

it('escapes what is put in, but for HTML', () => {
  const name = `<script>"a" & 'b'</script>`;
  const item = html`<li title="${name}">${name}</li>`;
  const escaped = '&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;';
  expect(item.text).toBe(`<li title="${escaped}">${escaped}</li>`);
  expect(html`<ul>${[item, null, false, 1, '<']}</ul>`.text).toBe(`<ul>${item.text}1&lt;</ul>`);
});

it('shows control characters, and those that turn the direction of writing, and does not write them', () => {
  expect(html`<b>${'a\u0000\u001bb\u202ec\nd'}</b>`.text).toBe('<b>a\ufffd\ufffdb\ufffdc d</b>');
});
