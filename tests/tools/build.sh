#!/usr/bin/env bash
# Builds the programs that go.mod names as tools into bin/. Needs Go and nothing else.
# The first build takes about three minutes on two cores; later ones are skipped or come from Go's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

tools=$(sed -n '/^tool (/,/^)/{s/^\t//p}' go.mod)

# What a tool is called here.
program() {
  case $1 in
    helm.sh/helm/v3/*) echo helm3 ;;
    *) echo "${1##*/}" ;;
  esac
}

up_to_date() {
  local program
  for tool in $tools; do
    program=bin/$(program "$tool")
    [[ -x $program ]] || return 1
    [[ -z $(find go.mod go.sum build.sh -newer "$program") ]] || return 1
  done
}

if up_to_date; then
  echo "tools: up to date"
  exit 0
fi

command -v go >/dev/null || { echo "tools: Go is needed to build them (https://go.dev/dl)" >&2; exit 1; }

# Helm 3 has to be told which Kubernetes it was made for; without, it renders for one that charts refuse by kubeVersion.
minor=$(go list -m -f '{{.Version}}' k8s.io/client-go)
minor=${minor#v0.}
package=helm.sh/helm/v3/pkg/chartutil
flags="-s -w -X $package.k8sVersionMajor=1 -X $package.k8sVersionMinor=${minor%%.*}"

for tool in $tools; do
  program=$(program "$tool")
  # No VCS stamp: it would relink on each commit.
  CGO_ENABLED=0 ../progress.sh "tools: building $program" \
    go build -trimpath -buildvcs=false -p 2 -ldflags "$flags" -o "bin/$program" "$tool"
  # Go keeps the file as it is when nothing but its time would change.
  touch "bin/$program"
done
echo "tools: built in $SECONDS s"
