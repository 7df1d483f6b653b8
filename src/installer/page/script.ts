/** What the installation page does in the browser: a constant, so that nothing from outside is ever part of a script. */
import { trusted } from '../../html/html.ts';

/**
 * Its words and orders stand in the page's `data-` attributes. `BX24.init` never calls back outside a portal's frame,
 * hence the time limit; the portal answers nothing to `installFinish`, it just shows the application.
 */
export const script = trusted(`
(() => {
  'use strict';
  const finish = document.getElementById('finish');
  const say = (state) => {
    finish.dataset.state = state;
    finish.textContent = finish.dataset[state];
  };
  if (finish !== null) {
    if (window.BX24 === undefined) say('failed');
    else {
      say('pending');
      const limit = setTimeout(say, 20000, 'failed');
      window.BX24.init(() => {
        clearTimeout(limit);
        if (typeof window.BX24.fitWindow === 'function') window.BX24.fitWindow();
        window.BX24.installFinish();
        say('done');
      });
    }
  }
  const form = document.querySelector('form');
  if (form === null) return;
  const button = form.querySelector('button');
  form.addEventListener('submit', (event) => {
    if (button.getAttribute('aria-disabled') === 'true') {
      event.preventDefault();
      return;
    }
    button.setAttribute('aria-disabled', 'true');
    form.querySelector('[role=status]').textContent = form.dataset.retrying;
  });
  if (form.dataset.again !== undefined) setTimeout(() => form.requestSubmit(), Number(form.dataset.again));
})();
`);
