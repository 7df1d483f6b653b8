/** Russian words by which people look for events, as stems, with what they stand for in the catalogue's English. */

interface Word {
  /** Lower case, `е` for `ё`, without the ending: `сделк` stands for `сделка`, `сделки`, `сделку`. */
  readonly stems: readonly string[];
  /** In an event's name, split into words, its scopes and its summary, all in lower case. */
  readonly means: RegExp;
}

const anything = /(?:)/;

export const russianWords: readonly Word[] = [
  // What happens.
  {
    stems: ['созда', 'добав', 'нов', 'появл'],
    means: /\b(add|added|create|created|new|registered|started|start|initiated)\b/,
  },
  {
    stems: ['измен', 'обнов', 'редактир', 'правк', 'сохран'],
    means: /\b(update|changed|change|edited|saved|set|status|version)\b/,
  },
  { stems: ['удал'], means: /\b(delete|deleted|removed|unregister|uninstall)\b/ },
  { stems: ['перемещ', 'перенос', 'перенес'], means: /\b(move|moved)\b/ },
  { stems: ['заверш', 'закры', 'окончан'], means: /\b(finish|finished|end|ended|closed)\b/ },
  { stems: ['начал'], means: /\b(start|started|began|init)\b/ },
  { stems: ['событи'], means: anything },

  // CRM.
  { stems: ['црм', 'срм'], means: /\bcrm\b/ },
  { stems: ['сделк', 'сделок'], means: /\bdeal\b/ },
  { stems: ['лид'], means: /\blead\b/ },
  { stems: ['контакт'], means: /\bcontact\b/ },
  { stems: ['компани', 'организац'], means: /\bcompany\b/ },
  { stems: ['клиент'], means: /\b(contact|company)\b/ },
  { stems: ['счет', 'инвойс'], means: /\binvoice\b/ },
  { stems: ['предложени', 'коммерческ'], means: /\bquote\b/ },
  { stems: ['смарт', 'процесс'], means: /\b(smart process|dynamic)\b/ },
  { stems: ['элемент'], means: /\bitem\b/ },
  { stems: ['дело', 'дела', 'делу', 'делом', 'активност'], means: /\bactivity\b/ },
  { stems: ['таймлайн'], means: /\btimeline\b/ },
  { stems: ['стади', 'воронк', 'направлени'], means: /\b(pipeline|category|stage)\b/ },
  { stems: ['статус'], means: /\bstatus\b/ },
  { stems: ['регулярн', 'повторя'], means: /\brecurring\b/ },
  { stems: ['шаблон'], means: /\btemplate\b/ },
  { stems: ['реквизит'], means: /\b(requisite|details)\b/ },
  { stems: ['банк'], means: /\bbank\b/ },
  { stems: ['адрес'], means: /\baddress\b/ },
  { stems: ['валют'], means: /\bcurrency\b/ },
  { stems: ['документ'], means: /\bdocument\b/ },
  { stems: ['поле', 'поля', 'полей', 'полю', 'полем', 'полям'], means: /\b(field|fields|user type)\b/ },
  { stems: ['пользовательск'], means: /\b(custom field|user field|user fields)\b/ },
  { stems: ['значени', 'список', 'списк'], means: /\b(values?|list)\b/ },

  // Catalogue and shop.
  { stems: ['каталог'], means: /\bcatalog\b/ },
  { stems: ['товар', 'продукт', 'услуг'], means: /\bproduct\b/ },
  { stems: ['цена', 'цены', 'цену', 'цене', 'ценой', 'ценам'], means: /\bprice\b/ },
  { stems: ['округл'], means: /\brounding\b/ },
  { stems: ['единиц', 'измерен'], means: /\bmeasure\b/ },
  { stems: ['раздел', 'секци'], means: /\bsection\b/ },
  { stems: ['свойств'], means: /\bproperty\b/ },
  { stems: ['заказ'], means: /\border\b/ },
  { stems: ['оплат', 'платеж'], means: /\b(payment|paid)\b/ },
  { stems: ['отгрузк', 'доставк'], means: /\bshipment\b/ },

  // Tasks, time, people.
  { stems: ['задач'], means: /\btasks?\b/ },
  { stems: ['комментари'], means: /\bcomment\b/ },
  { stems: ['календар'], means: /\bcalendar\b/ },
  { stems: ['встреч', 'переговорн', 'комнат'], means: /\b(meeting|calendar)\b/ },
  { stems: ['брон'], means: /\bbooking\b/ },
  { stems: ['запис'], means: /\b(booking|record|records)\b/ },
  { stems: ['ресурс'], means: /\bresource\b/ },
  { stems: ['ожидани'], means: /\bwait\b/ },
  { stems: ['групп', 'проект'], means: /\b(group|workgroup|project)\b/ },
  { stems: ['лент', 'новост', 'публикац', 'пост'], means: /\b(feed|post)\b/ },
  { stems: ['пользовател'], means: /\busers?\b/ },
  { stems: ['сотрудник', 'работник'], means: /\b(users?|employee)\b/ },
  { stems: ['кадр'], means: /\b(hr|humanresources)\b/ },
  { stems: ['отпуск'], means: /\bvacation\b/ },
  { stems: ['зарплат'], means: /\b(salary|payroll)\b/ },
  { stems: ['подпис'], means: /\b(sign|signed|signing|signature|subscription)\b/ },

  // Talk.
  { stems: ['сообщени'], means: /\bmessage\b/ },
  { stems: ['чат'], means: /\bchat\b/ },
  { stems: ['бот', 'чат-бот', 'чатбот'], means: /\bbot\b/ },
  { stems: ['команд'], means: /\bcommand\b/ },
  { stems: ['реакци'], means: /\breaction\b/ },
  { stems: ['диалог'], means: /\bdialog\b/ },
  { stems: ['сесси'], means: /\bsession\b/ },
  { stems: ['открыт', 'лини'], means: /\b(open channel|open line)\b/ },
  { stems: ['коннектор'], means: /\bconnector\b/ },
  { stems: ['звон', 'вызов'], means: /\bcall\b/ },
  { stems: ['телефон'], means: /\btelephony\b/ },

  // The application itself.
  { stems: ['приложени'], means: /\bapp\b/ },
  { stems: ['установ'], means: /\b(install|installation|installed)\b/ },
  { stems: ['администратор', 'админ'], means: /\badministrator\b/ },
  { stems: ['тест', 'провер'], means: /\btest\b/ },
  { stems: ['офлайн', 'оффлайн', 'очеред'], means: /\boffline\b/ },
];
