#!/usr/bin/env bash
# Runs one command as the inputs of the action say, and leaves its exit code to the last step: whatever became of it, there
# may be a comment to write before.
set -euo pipefail

refuse() {
  echo "::error title=bitrix-events::$1"
  exit 1
}

case "$INPUT_COMMAND" in
  validate | plan | apply | check) ;;
  *) refuse 'The input command takes validate, plan, apply or check' ;;
esac
case "$INPUT_COMMENT" in
  update | new | changes-only | off) ;;
  *) refuse 'The input comment takes update, new, changes-only or off' ;;
esac

version="$INPUT_VERSION"
if [[ -z "$version" ]]; then
  version="$(node -p 'JSON.parse(fs.readFileSync(process.argv[1], "utf8")).version' "$GITHUB_ACTION_PATH/package.json")"
fi

# A folder of its own, because an action may be used more than once in a job.
page="$(mktemp -d "$RUNNER_TEMP/bitrix-events.XXXXXX")/comment.md"

words=("$INPUT_COMMAND" --format=github "--output=markdown=$page")
[[ -z "$INPUT_MANIFEST" ]] || words+=("--manifest=$INPUT_MANIFEST")
[[ -z "$INPUT_ENVIRONMENT" ]] || words+=("--environment=$INPUT_ENVIRONMENT")
[[ -z "$INPUT_FAIL_ON" ]] || words+=("--fail-on=$INPUT_FAIL_ON")
[[ "$INPUT_COMMAND" != apply ]] || words+=(--yes)
if [[ -n "$INPUT_PLAN_FILE" ]]; then
  case "$INPUT_COMMAND" in
    plan) words+=("--out=$INPUT_PLAN_FILE") ;;
    apply) words+=("$INPUT_PLAN_FILE") ;;
    *) refuse 'The input plan-file is for plan and apply' ;;
  esac
fi
while IFS= read -r word; do
  [[ -z "$word" ]] || words+=("$word")
done <<<"$INPUT_ARGS"

# The command says more; this is for one that did not even begin.
printf '%s\n' 'verdict=failed' "page=$page" >>"$GITHUB_OUTPUT"
status=0
npx --yes "bitrix-events@$version" "${words[@]}" || status=$?
echo "exit-code=$status" >>"$GITHUB_OUTPUT"
