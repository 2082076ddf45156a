#!/usr/bin/env bash
# Runs a command, passes its output on, and says that it is still running when it is silent for some seconds:
#   progress.sh LABEL COMMAND [ARGUMENT...]
# The exit code is the command's.
set -euo pipefail

readonly silence=8
label=$1
shift
SECONDS=0

pass_on() {
  local line read_status fragment=false
  while true; do
    read_status=0
    IFS= read -r -t "$silence" line || read_status=$?
    if (( read_status == 0 )); then
      printf '%s\n' "$line"
      fragment=false
    elif (( read_status > 128 )); then
      # Nothing new, or the beginning of a line whose end is still to come.
      if [[ -n $line ]]; then
        printf '%s' "$line"
        fragment=true
      else
        if $fragment; then echo; fi
        fragment=false
        echo "$label: still running, $SECONDS s"
      fi
    else
      printf '%s' "$line"
      return 0
    fi
  done
}

echo "$label"
"$@" 2>&1 | pass_on
