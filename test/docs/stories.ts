/** Which blocks of the documents are followed together as one story, and why the others are not. */
import { allPages, type Block } from './pages.ts';

export interface Story {
  readonly page: string;
  /** Of the blocks under these headings, of whatever level; all of the page without them. `''` is what stands before the first section. */
  readonly sections?: readonly string[];
}

export const stories = {
  plan: { page: 'README.md', sections: [''] },
  readme: { page: 'README.md', sections: ['Install', 'Try it in a minute, without a portal', 'On your portal'] },
  planRu: { page: 'README.ru.md', sections: [''] },
  readmeRu: { page: 'README.ru.md', sections: ['Установка', 'Попробовать за минуту, без портала', 'На вашем портале'] },
  gettingStarted: { page: 'docs/getting-started.md' },
  gettingStartedRu: { page: 'docs/ru/getting-started.md' },
  application: { page: 'docs/application.md' },
  manifest: { page: 'docs/manifest.md' },
  installer: { page: 'docs/installer.md' },
  store: { page: 'docs/store.md' },
  fleet: { page: 'docs/fleet.md' },
  variables: { page: 'docs/variables.md' },
  cron: { page: 'examples/cron/README.md' },
  environments: { page: 'examples/environments/README.md' },
  express: { page: 'examples/express/README.md' },
  fastify: { page: 'examples/fastify/README.md' },
  fleetService: { page: 'examples/fleet/README.md' },
  hono: { page: 'examples/hono/README.md' },
  minimal: { page: 'examples/minimal/README.md' },
  nodeHttp: { page: 'examples/node-http/README.md' },
  serve: { page: 'examples/serve/README.md' },
} as const satisfies Readonly<Record<string, Story>>;

interface Exception {
  readonly page: RegExp;
  readonly language?: string;
  readonly section?: string;
  /** Who holds it instead. */
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  {
    page: /^README\.md$/,
    section: 'In a clone of the repository',
    reason: 'test/examples/quickstart.test.ts runs npm start; npm cit is what runs this',
  },
  { page: /^README\.ru\.md$/, section: 'В копии репозитория', reason: 'the same' },
  { page: /^docs\/installer\.md$/, language: 'ts', reason: 'test/library/types.test.ts compiles it' },
  { page: /^docs\/installer\.md$/, language: 'text', reason: 'a message, which test/installer/problems.test.ts holds' },
  {
    page: /^docs\/library\.md$/,
    language: 'ts',
    reason: 'out of the sources; test/library/types.test.ts compiles the examples',
  },
  {
    page: /^docs\/commands\.md$/,
    language: 'sh',
    reason:
      'each line is for another shell, which test/docs/completion.test.ts gives it to; nobody runs that of PowerShell',
  },
  { page: /^docs\/ci\.md$/, reason: 'test/pipelines/guide.test.ts runs every block' },
  { page: /^docs\/emulator\.md$/, reason: 'test/emulator/document.test.ts runs every block' },
  { page: /^docs\/own-store\.md$/, reason: 'test/store/own-store.test.ts runs the example' },
  { page: /^CONTRIBUTING\.md$/, reason: 'test/docs/blocks.test.ts looks whether its scripts are there' },
];

/** The blocks of a story, in order. */
export function blocksOf({ page, sections }: Story): readonly Block[] {
  const found = allPages().find(({ path }) => path === page);
  if (found === undefined) throw new Error(`there is no ${page}`);
  return found.blocks.filter((block) => belongs(block, sections)).filter((block) => exceptionFor(block) === undefined);
}

function belongs({ headings }: Block, sections: readonly string[] | undefined): boolean {
  return sections === undefined || sections.includes(headings.length < 2 ? '' : (headings[1] ?? ''));
}

export function exceptionFor({ page, language, headings }: Block): Exception | undefined {
  return exceptions.find(
    (one) =>
      one.page.test(page) &&
      (one.language === undefined || one.language === language) &&
      (one.section === undefined || headings.includes(one.section)),
  );
}
