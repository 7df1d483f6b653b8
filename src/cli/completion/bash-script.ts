/**
 * The completion script for bash. The library's own needs the bash-completion package, completes nothing behind `=`, and
 * evaluates what was typed; this one needs bash alone, and hands words over as they are.
 */
export const bashScript = `# bash completion for bitrix-events
# For this shell:  source <(bitrix-events completion bash)
# For good:        bitrix-events completion bash > ~/.local/share/bash-completion/completions/bitrix-events

_bitrix_events() {
    local cur= word value i
    local -a words=()
    # Bash breaks words at = and : as well; whoever completes them wants them whole.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        if ((\${#words[@]} > 0)) && [[ $word == [=:]* || \${words[-1]} == *[=:] ]] && [[ $i -gt 1 ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    cur=\${words[-1]}

    local out directive=0
    out=$("\${1/#\\~\\//$HOME/}" complete -- "\${words[@]}" 2>/dev/null) || return
    [[ \${out##*$'\\n'} == :* ]] && directive=\${out##*:}

    # What stands before the last break is not replaced, so it must not come again.
    local typed=$cur
    [[ $typed == --*=* ]] && typed=\${typed#*=}
    local kept=
    [[ $typed == *:* && $COMP_WORDBREAKS == *:* ]] && kept=\${typed%:*}:
    [[ $typed == *=* && $COMP_WORDBREAKS == *=* ]] && kept=\${typed%=*}=
    COMPREPLY=()
    while IFS=$'\\t' read -r value _; do
        [[ -n $value && $value != :* ]] && COMPREPLY+=("\${value#"$kept"}")
    done <<< "$out"

    ((directive & 2)) && compopt -o nospace
    ((directive & 4)) || compopt -o default
}

complete -F _bitrix_events bitrix-events
`;
