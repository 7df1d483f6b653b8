/** Writes what a command had to say as a comment on the pull request: its own earlier comment, or a new one. */
import { appendFile, readFile } from 'node:fs/promises';
import { comments } from './comments.mjs';
import { markerIn, sameSubject } from './marker.mjs';

const { env } = process;

/** GitHub takes no longer one. */
const longestComment = 65_536;

await main();

async function main() {
  const page = await readFile(env.COMMENT_FILE ?? '', 'utf8').catch(() => '');
  if (page === '') {
    say('warning', 'There is nothing to comment: the command ended before it could say anything');
    return;
  }
  const pullRequest = await pullRequestOfEvent();
  if (pullRequest === undefined) {
    console.log('No comment: this run belongs to no pull request. The summary of the job has the page.');
    return;
  }
  try {
    console.log(await comment(page, pullRequest));
  } catch (error) {
    await keep(page, error);
  }
}

/** @returns what was done, for the log */
async function comment(page, pullRequest) {
  if (page.length > longestComment) throw new Error(`the page has more than ${longestComment} characters`);
  const thread = await comments({
    url: env.GITHUB_GRAPHQL_URL,
    token: env.COMMENT_TOKEN ?? '',
    repository: env.GITHUB_REPOSITORY ?? '',
    pullRequest,
  });
  const own = env.COMMENT_MODE === 'new' ? undefined : sameSubject(await thread.own(), markerIn(page));
  if (own === undefined) {
    if (env.COMMENT_MODE === 'changes-only' && isUneventful(page)) return 'No comment: there are no changes.';
    await thread.add(page);
    return 'Commented on the pull request.';
  }
  await thread.update(own.id, page);
  return 'Updated the comment on the pull request.';
}

/** An unchanged plan is one line below its marker. */
function isUneventful(page) {
  return env.EXIT_CODE === '0' && page.trimEnd().split('\n').length <= 2;
}

/** Of a fork the token may write nothing, however it was asked for. */
async function keep(page, error) {
  const name = ['bitrix-events', env.COMMAND, ...Object.values(markerIn(page)?.parts ?? {})].join('-');
  const artifact = name.replaceAll(/[^\w.-]/g, '_').slice(0, 120);
  await appendFile(env.GITHUB_OUTPUT ?? '', `artifact=${artifact}\n`);
  const reason =
    error.isForbidden === true
      ? 'this run may not write on the pull request, as is usual for one from a fork'
      : `writing on the pull request failed: ${error.message}`;
  say('notice', `No comment: ${reason}. What it would have said is the artifact ${artifact}`);
}

async function pullRequestOfEvent() {
  const event = JSON.parse(await readFile(env.GITHUB_EVENT_PATH ?? '', 'utf8').catch(() => '{}'));
  if (event.pull_request !== undefined) return event.pull_request.number;
  return event.issue?.pull_request === undefined ? undefined : event.issue.number;
}

/** As the runner reads it: no text of others ends the line and begins a command of its own. */
function say(level, message) {
  const data = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  console.log(`::${level} title=bitrix-events::${data}`);
}
