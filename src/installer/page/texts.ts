/** Every word of the installation page, in its languages. */
import type { InstallView } from './view.ts';

export interface Texts {
  /** True whether or not the portal has been told already. */
  readonly title: Readonly<Record<InstallView['outcome'], string>>;
  readonly lead: Readonly<Record<InstallView['outcome'], string>>;
  readonly bindings: string;
  /** Instead of the list, where the manifest asks for nothing. */
  readonly noBindings: string;
  readonly problems: string;
  /** Under a list that is not shown to its end. */
  readonly more: (count: number) => string;
  readonly advice: string;
  /** Over the lines of a page that has converged all the same. */
  readonly notes: string;
  readonly retry: string;
  readonly check: string;
  readonly retrying: string;
  readonly finishing: string;
  readonly finished: string;
  readonly notFinished: string;
  readonly noScript: string;
}

const en: Texts = {
  title: {
    converged: 'The application is set up',
    working: 'The application is being set up',
    failed: 'The installation is not complete',
    refused: 'An administrator has to open this application',
  },
  lead: {
    converged: 'Everything this application listens to on your Bitrix24 is in place.',
    working: 'This may take a minute. The page looks for the result by itself every few seconds.',
    failed: 'Some of what this application needs could not be set up. Nothing has to be undone before you try again.',
    refused:
      'Only an administrator of this Bitrix24 can set it up. Nothing was changed; ask one of them to open it from Bitrix24.',
  },
  bindings: 'Event handlers',
  noBindings: 'This application listens to no events.',
  problems: 'What went wrong',
  more: (count) => `and ${count} more`,
  advice: 'Try again. If it fails once more, send these lines to the developer of the application.',
  notes: 'Worth knowing',
  retry: 'Try again',
  check: 'Check now',
  retrying: 'One moment…',
  finishing: 'Telling Bitrix24 that the installation is finished…',
  finished: 'Bitrix24 has been told that the installation is finished. You may close this page.',
  notFinished:
    'Bitrix24 could not be told that the installation is finished. Open the application from Bitrix24 again; if this stays, allow scripts of bitrix24 in your browser.',
  noScript:
    'The last step needs JavaScript: it tells Bitrix24 that the installation is finished, and until then the application receives no events. Allow JavaScript and open the application again.',
};

const ru: Texts = {
  title: {
    converged: 'Приложение настроено',
    working: 'Приложение настраивается',
    failed: 'Установка не завершена',
    refused: 'Приложение должен открыть администратор',
  },
  lead: {
    converged: 'Все обработчики событий приложения на вашем Битрикс24 зарегистрированы.',
    working: 'Это может занять около минуты. Страница сама проверяет результат каждые несколько секунд.',
    failed: 'Не всё, что нужно приложению, удалось настроить. Перед новой попыткой ничего отменять не нужно.',
    refused:
      'Настроить его может только администратор вашего Битрикс24. Ничего не изменено; попросите администратора открыть приложение в Битрикс24.',
  },
  bindings: 'Обработчики событий',
  noBindings: 'Приложение не подписано ни на одно событие.',
  problems: 'Что пошло не так',
  more: (count) => `и ещё ${count}`,
  advice: 'Попробуйте ещё раз. Если ошибка повторится, передайте эти строки разработчику приложения.',
  notes: 'Обратите внимание',
  retry: 'Повторить',
  check: 'Проверить сейчас',
  retrying: 'Одну минуту…',
  finishing: 'Сообщаем Битрикс24, что установка завершена…',
  finished: 'Сообщение о завершении установки отправлено в Битрикс24. Страницу можно закрыть.',
  notFinished:
    'Не удалось сообщить Битрикс24, что установка завершена. Откройте приложение из Битрикс24 ещё раз; если не поможет, разрешите в браузере скрипты bitrix24.',
  noScript:
    'Для последнего шага нужен JavaScript: страница сообщает Битрикс24, что установка завершена, а до этого события в приложение не приходят. Разрешите JavaScript и откройте приложение ещё раз.',
};

export const texts: Readonly<Record<InstallView['language'], Texts>> = { en, ru };
