/** The comments on one pull request, as GitHub's GraphQL interface has them: it alone tells which ones are the token's own. */

/** Milliseconds until an answer that does not come is given up. */
const patience = 30_000;

const list = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id
      comments(first: 100, after: $after) {
        nodes { id viewerDidAuthor body }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

const add = `mutation ($subject: ID!, $body: String!) {
  addComment(input: { subjectId: $subject, body: $body }) { clientMutationId }
}`;

const update = `mutation ($id: ID!, $body: String!) {
  updateIssueComment(input: { id: $id, body: $body }) { clientMutationId }
}`;

export async function comments({ url, token, repository, pullRequest }) {
  const ask = (query, variables) => answer(url, token, { query, variables });
  const [owner, name] = repository.split('/');
  const pageAfter = async (after) => {
    const { repository: found } = await ask(list, { owner, name, number: pullRequest, after });
    if (!found?.pullRequest) throw new Error('GitHub shows no such pull request');
    return found.pullRequest;
  };
  const first = await pageAfter(null);
  return {
    /** Those that the token's owner wrote: anybody can write a marker. */
    async own() {
      const nodes = [];
      for (let page = first; ; page = await pageAfter(page.comments.pageInfo.endCursor)) {
        nodes.push(...page.comments.nodes.filter(({ viewerDidAuthor }) => viewerDidAuthor));
        if (!page.comments.pageInfo.hasNextPage) return nodes;
      }
    },
    add: (body) => ask(add, { subject: first.id, body }),
    update: (id, body) => ask(update, { id, body }),
  };
}

async function answer(url, token, question) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'user-agent': 'bitrix-events' },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(patience),
  });
  if (!response.ok) throw failure(`GitHub answers ${response.status}`, [401, 403, 404].includes(response.status));
  const { data, errors } = await response.json();
  if (errors === undefined) return data;
  throw failure(
    errors.map(({ message }) => message).join('; '),
    errors.some(({ type }) => type === 'FORBIDDEN'),
  );
}

function failure(message, isForbidden) {
  return Object.assign(new Error(message), { isForbidden });
}
