/** docs/errors.md: every code with its meaning and its cure, under a heading that a link can name. */

const head = `# Codes

Every message of bitrix-events ends with a code in brackets, and the JSON of a failure has it as \`code\`. \`bitrix-events explain CODE\` says what stands here. A code keeps its meaning; wordings of messages may change.

<!-- Written by \`npm run docs\` from src/core/codes.ts. -->
`;

/** @param {Readonly<Record<string, { meaning: string, cure: string }>>} codes */
export function errorsPage(codes) {
  const sections = Object.entries(codes).map(
    ([code, { meaning, cure }]) => `## \`${code}\`\n\n${sentence(meaning)}\n\nWhat to do: ${linked(cure)}.\n`,
  );
  return [head, ...sections].join('\n');
}

/** A meaning that begins with a name keeps it as it is. */
function sentence(meaning) {
  return `${/^[a-z]+[ ’]/.test(meaning) ? meaning.charAt(0).toUpperCase() + meaning.slice(1) : meaning}.`;
}

/** Other documents as links. */
function linked(text) {
  return text.replace(/`docs\/([\w-]+\.md)`/g, '[$1]($1)');
}
