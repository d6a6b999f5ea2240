# Prints what a line is completed to: zsh -f capture.zsh SCRIPT LINE. Completion works at a prompt only, so a second shell
# is given one, at a terminal of its own.
zmodload zsh/zpty || exit 1
zpty inner zsh -f -i
init=$(mktemp)
cat >$init <<'END'
PROMPT= RPROMPT=
unsetopt zle_bracketed_paste 2>/dev/null
autoload -Uz compinit && compinit -u -D
bindkey '^M' undefined
bindkey '^J' undefined
bindkey '^I' complete-word
mark() { print -r -- "<marked>" }
compprefuncs=(mark)
comppostfuncs=(mark exit)
zstyle ':completion:*' insert-tab false
compadd() {
  # What goes into an array is no completion yet.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- $hits
}
END
print -r -- "source $1 && print ready" >>$init
zpty -w inner "source $init"
until [[ $line == *ready* ]]; do zpty -r inner line || exit 1; done
zpty -n -w inner "$2"$'\t'
marked=0
while zpty -r inner line; do
  if [[ $line == *'<marked>'* ]]; then
    (( marked++ )) && break
  elif (( marked )); then
    print -r -- $line
  fi
done
rm -f $init
zpty -d inner
