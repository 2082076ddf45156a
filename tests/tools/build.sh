#!/usr/bin/env bash
# Builds the programs that go.mod names as tools into bin/. Needs Go and nothing else.
# The first build takes about three minutes on two cores; later ones are skipped or come from Go's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

tools=$(sed -n '/^tool (/,/^)/{s/^\t//p}' go.mod)

up_to_date() {
  for tool in $tools; do
    [[ -x bin/${tool##*/} ]] || return 1
    [[ -z $(find go.mod go.sum build.sh -newer "bin/${tool##*/}") ]] || return 1
  done
}

if up_to_date; then
  echo "tools: up to date"
  exit 0
fi

command -v go >/dev/null || { echo "tools: Go is needed to build them (https://go.dev/dl)" >&2; exit 1; }

for tool in $tools; do
  # No VCS stamp: it would relink on each commit.
  CGO_ENABLED=0 ../progress.sh "tools: building ${tool##*/}" \
    go build -trimpath -buildvcs=false -p 2 -ldflags "-s -w" -o "bin/${tool##*/}" "$tool"
  # Go keeps the file as it is when nothing but its time would change.
  touch "bin/${tool##*/}"
done
echo "tools: built in $SECONDS s"
