/** The pipelines that `init --ci` writes: the manifest judged on every change, the portal checked when it changes and once a week. */
import { version } from '../../version.ts';

export const services = ['github', 'gitlab'] as const;

export type Service = (typeof services)[number];

export interface PipelineFacts {
  /** Of the manifest, against the root of the repository, with slashes. */
  readonly manifest: string;
  /** Whether the repository's package.json asks for bitrix-events. */
  readonly isInstalled: boolean;
}

export const pipelineFiles: Readonly<Record<Service, string>> = {
  github: '.github/workflows/bitrix-events.yml',
  gitlab: '.gitlab-ci.yml',
};

export function pipelineText(service: Service, facts: PipelineFacts): string {
  return { github, gitlab }[service](facts);
}

/** What a pipeline has to be given before its first run. */
export const secretNames = [
  'BITRIX24_CLIENT_ENDPOINT',
  'BITRIX24_ACCESS_TOKEN',
  'BITRIX24_REFRESH_TOKEN',
  'BITRIX24_CLIENT_ID',
  'BITRIX24_CLIENT_SECRET',
  'BITRIX_EVENTS_KEY',
] as const;

const branch = 'bitrix-events-tokens';

/** By commit, because a tag can be moved; the examples have the same. */
const actions = {
  checkout: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  setupNode: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
} as const;

/**
 * Both before and after a check: a refresh token works once, so the pair that came of it has to be there next time. Without the
 * key nothing is kept, and what could not be fetched is never taken for what is not there yet: it would be written over.
 */
const fetchTokens = [
  ': "${BITRIX_EVENTS_KEY:?has to be set}"',
  `known=0; git ls-remote --exit-code "$TOKENS_REMOTE" refs/heads/${branch} > /dev/null || known=$?`,
  'test "$known" != 2 || exit 0',
  `git fetch --quiet --depth 1 "$TOKENS_REMOTE" ${branch}`,
  'umask 077 && mkdir .tokens && git archive FETCH_HEAD | tar -x --no-same-permissions -C .tokens',
  'mv .tokens .bitrix-events',
];
const keepTokens = [
  'test -d .bitrix-events || exit 0',
  'export GIT_DIR="$PWD/.git" GIT_INDEX_FILE="$PWD/.git/tokens-index"',
  'export GIT_AUTHOR_NAME=bitrix-events GIT_AUTHOR_EMAIL=bitrix-events@localhost',
  'export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"',
  "git -C .bitrix-events --work-tree=. add --force -- '*.json'",
  'commit=$(git commit-tree -m "Encrypted tokens" "$(git write-tree)")',
  `git push --quiet --force "$TOKENS_REMOTE" "$commit:refs/heads/${branch}"`,
];

function commandOf({ isInstalled }: PipelineFacts): string {
  return isInstalled ? 'npx bitrix-events' : `npx --yes bitrix-events@${version}`;
}

function github(facts: PipelineFacts): string {
  const run = commandOf(facts);
  const { manifest } = facts;
  return `# The handlers of the application, judged on every change and compared with the portal once a week. More often than that
# renews tokens on a schedule, which the platform asks applications not to do.
#
# Secrets it needs: ${secretNames.slice(0, 3).join(', ')},
# ${secretNames.slice(3).join(', ')} (openssl rand -base64 32).
# Tokens are renewed as they are used. The new ones are kept, encrypted with that key, on the branch ${branch}.
name: bitrix-events

on:
  pull_request:
    paths: ['${manifest}', .github/workflows/bitrix-events.yml]
  push:
    branches: [main, master]
    paths: ['${manifest}', .github/workflows/bitrix-events.yml]
  schedule:
    - cron: '23 5 * * 1'
  workflow_dispatch:

permissions:
  contents: read

jobs:
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: ${actions.checkout}
        with:
          persist-credentials: false
      - uses: ${actions.setupNode}
        with:
          node-version: 24
${facts.isInstalled ? '      - run: npm ci\n' : ''}      - run: ${run} validate --manifest ${manifest} --allow-missing-env --format github

  check:
    # Pull requests of strangers get no secrets.
    if: github.event_name != 'pull_request'
    needs: validate
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: write
    # A refresh token works once: one job at a time.
    concurrency:
      group: bitrix-events-tokens
      cancel-in-progress: false
    env:
      TOKENS_REMOTE: origin
      BITRIX_EVENTS_STORE: file:\${{ github.workspace }}/.bitrix-events
${secretNames.map((name) => `      ${name}: \${{ secrets.${name} }}\n`).join('')}    steps:
      - uses: ${actions.checkout}
      - uses: ${actions.setupNode}
        with:
          node-version: 24
${facts.isInstalled ? '      - run: npm ci\n' : ''}      - name: Fetch the tokens
        run: |
${indented(fetchTokens, 10)}      - name: Check for drift
        run: ${run} check --manifest ${manifest} --format github
      - name: Keep the tokens
        if: always()
        run: |
${indented(keepTokens, 10)}`;
}

function gitlab(facts: PipelineFacts): string {
  const run = commandOf(facts);
  const { manifest, isInstalled } = facts;
  const install = isInstalled ? ['npm ci'] : [];
  return `# The handlers of the application, judged on every change and compared with the portal by a pipeline schedule. Let it run
# once a week: more often than that renews tokens on a schedule, which the platform asks applications not to do.
#
# Variables it needs, masked and protected: ${secretNames.slice(0, 2).join(', ')},
# ${secretNames.slice(2).join(', ')} (openssl rand -base64 32),
# and TOKENS_PUSH_TOKEN, a project access token that may write the repository. Tokens are renewed as they are used. The new ones
# are kept, encrypted with that key, on the branch ${branch}.
bitrix-events-validate:
  image: node:24
  rules:
    - changes: ['${manifest}', .gitlab-ci.yml]
  script:
${listed([...install, `${run} validate --manifest ${manifest} --allow-missing-env`])}
bitrix-events-check:
  image: node:24
  # A refresh token works once: one job at a time.
  resource_group: bitrix-events-tokens
  rules:
    - if: $CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH
      when: never
    - if: $CI_PIPELINE_SOURCE == "schedule" || $CI_PIPELINE_SOURCE == "web"
    - changes: ['${manifest}', .gitlab-ci.yml]
  variables:
    TOKENS_REMOTE: https://bitrix-events:$TOKENS_PUSH_TOKEN@$CI_SERVER_HOST/$CI_PROJECT_PATH.git
    BITRIX_EVENTS_STORE: file:$CI_PROJECT_DIR/.bitrix-events
  before_script:
${listed(install)}    - |
${indented(inParentheses(fetchTokens), 6)}  script:
${listed([`${run} check --manifest ${manifest}`])}  after_script:
    - |
${indented(inParentheses(keepTokens), 6)}`;
}

/** A shell of its own, which may exit. */
function inParentheses(lines: readonly string[]): readonly string[] {
  return ['(', ...lines.map((line) => `  ${line}`), ')'];
}

function indented(lines: readonly string[], columns: number): string {
  return lines.map((line) => `${' '.repeat(columns)}${line}\n`).join('');
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `    - ${line}\n`).join('');
}
