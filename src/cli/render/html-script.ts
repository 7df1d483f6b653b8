/** What a page of results does where scripts run: it finds portals. A constant, so that nothing from outside is part of a script. */
import { trusted } from '../../html/html.ts';

/**
 * Hides the portals without every word that is looked for, and the groups that are left without any; those with one are
 * opened, and closed as they were when the field is empty again. A portal may stand at two places, and is counted once.
 * A member id is looked for from its beginning: any two digits are somewhere in most of them.
 */
export const filterScript = trusted(`
(() => {
  'use strict';
  const field = document.getElementById('find');
  const found = document.getElementById('found');
  const items = [...document.querySelectorAll('.names>li,.portals>tbody>tr')];
  const groups = [...document.querySelectorAll('main details,main article,main section')].reverse();
  const isShown = (element) => element.querySelector('.names>li:not([hidden]),.portals>tbody>tr:not([hidden])') !== null;
  const nameOf = (item) => (item.querySelector('th') ?? item).textContent;
  const textsOf = (item) => {
    const id = item.querySelector('span')?.textContent ?? '';
    const above = item.closest('details')?.querySelector('summary').textContent ?? '';
    return { id: id.toLowerCase(), said: (item.textContent.replace(id, '') + ' ' + above).toLowerCase() };
  };
  let texts;
  let all;
  let wereOpen;
  const find = () => {
    const words = field.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    texts ??= items.map(textsOf);
    wereOpen ??= groups.map((group) => group.open);
    const names = new Set();
    items.forEach((item, index) => {
      const isFound = words.every((word) => texts[index].said.includes(word) || texts[index].id.startsWith(word));
      item.hidden = !isFound;
      if (isFound) names.add(nameOf(item));
    });
    groups.forEach((group, index) => {
      group.hidden = words.length > 0 && !isShown(group);
      if ('open' in group) group.open = words.length > 0 ? !group.hidden : wereOpen[index];
    });
    if (words.length === 0) wereOpen = undefined;
    all ??= new Set(items.map(nameOf)).size.toLocaleString('en');
    found.textContent = words.length === 0 ? '' : names.size.toLocaleString('en') + ' of ' + all + ' portals';
  };
  let timer;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(find, 120);
  });
  document.getElementById('filter').hidden = false;
  if (field.value !== '') find();
})();
`);
