/** A search by the words of people, in English and in Russian. */
import { expect, test } from 'vitest';
import { allEvents } from '../../src/catalog/catalog.ts';
import { russianWords } from '../../src/catalog/russian.ts';
import { searchEvents } from '../../src/catalog/search.ts';
import { sources } from '../house/sources.ts';

test.each([
  ['task add', ['ONTASKADD', 'ONTASKCOMMENTADD']],
  ['TASKADD', ['ONTASKADD']],
  ['user_brief', ['ONUSERADD']],
  ['oncrmdynamicitemadd_147', ['ONCRMDYNAMICITEMADD_{entityTypeId}']],
  ['no such event', []],
])('a search for "%s" finds %j', (text, codes) => {
  expect(searchEvents(text).map(({ code }) => code)).toEqual(codes);
});

test('a search for nothing finds everything', () => {
  expect(searchEvents('  ')).toEqual(allEvents());
});

function codesFor(text: string): readonly string[] {
  return searchEvents(text).map(({ code }) => code);
}

const ofDeals = allEvents()
  .map(({ code }) => code)
  .filter((code) => code.startsWith('ONCRMDEAL'));

test.each(['сделка', 'Сделки', 'СДЕЛКУ', 'сделок', 'сделками', 'сде'])('%s finds the events of deals', (word) => {
  expect(codesFor(word)).toEqual(ofDeals);
});

test.each([
  ['создание сделки', 'ONCRMDEALADD'],
  ['новый лид', 'ONCRMLEADADD'],
  ['лиды', 'ONCRMLEADUPDATE'],
  ['изменение контакта', 'ONCRMCONTACTUPDATE'],
  ['удаление компании', 'ONCRMCOMPANYDELETE'],
  ['перемещение сделки', 'ONCRMDEALMOVETOCATEGORY'],
  ['счёт', 'ONCRMINVOICEADD'],
  ['счета', 'ONCRMDYNAMICITEMADD'],
  ['смарт-процесс', 'ONCRMTYPEADD'],
  ['коммерческие предложения', 'ONCRMQUOTEADD'],
  ['пользовательское поле сделки', 'ONCRMDEALUSERFIELDADD'],
  ['задача', 'ONTASKADD'],
  ['удаление задач', 'ONTASKDELETE'],
  ['комментарий к задаче', 'ONTASKCOMMENTADD'],
  ['события календаря', 'ONCALENDARENTRYADD'],
  ['новый сотрудник', 'ONUSERADD'],
  ['сообщение боту', 'ONIMBOTMESSAGEADD'],
  ['чат-бот', 'ONIMBOTJOINCHAT'],
  ['открытые линии', 'ONOPENLINEMESSAGEADD'],
  ['звонки', 'ONVOXIMPLANTCALLEND'],
  ['телефония', 'ONEXTERNALCALLSTART'],
  ['товар', 'CATALOG.PRODUCT.ON.ADD'],
  ['изменение цены', 'CATALOG.PRICE.ON.UPDATE'],
  ['заказы', 'ONSALEORDERSAVED'],
  ['оплата заказа', 'ONPAYMENTENTITYSAVED'],
  ['отгрузка', 'ONSHIPMENTENTITYSAVED'],
  ['бронирование', 'ONBOOKINGADD'],
  ['установка приложения', 'ONAPPINSTALL'],
  ['удаление приложения', 'ONAPPUNINSTALL'],
  ['подписание документа', 'ONSIGNHCMLINKB2EDOCUMENTSIGNED'],
  ['лента новостей', 'ONLIVEFEEDPOSTADD'],
])('"%s" finds %s among no more than a few dozen', (text, code) => {
  const found = codesFor(text);
  expect(found).toContain(code);
  expect(found.length).toBeLessThan(45);
});

test('English and Russian words go together, and a Russian word that stands for nothing finds nothing', () => {
  expect(codesFor('crm удаление сделка')).toEqual(codesFor('delete deal'));
  expect(codesFor('погода')).toEqual([]);
  expect(codesFor('погода сделка')).toEqual([]);
});

test('each Russian word stands for something in the catalogue, and has a stem in the letters that are compared', () => {
  for (const { stems, means } of russianWords) {
    expect(codesFor(stems[0] ?? ''), stems[0]).not.toEqual([]);
    for (const stem of stems) expect(stem).toMatch(/^[а-я-]{3,}$/);
    expect(means.flags).toBe('');
  }
});

test('only the search loads the Russian words, and only the command and the library load the search', () => {
  const loaders = (file: string) =>
    sources().flatMap(({ path, imports }) => (imports.some(({ target }) => target === file) ? [path] : []));
  expect(loaders('src/catalog/russian.ts')).toEqual(['src/catalog/search.ts']);
  expect(loaders('src/catalog/search.ts').sort()).toEqual(['src/cli/commands/events.ts', 'src/index.ts']);
});
