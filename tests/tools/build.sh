#!/usr/bin/env bash
# Builds the programs that a go.mod names as tools into bin/: this folder's, or those of a module below it:
#   build.sh [MODULE]
# Needs Go and nothing else. The first build takes some minutes on two cores; later ones are skipped or come from Go's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly here=$PWD
label=${1:-tools}
cd "${1:-.}"

tools=$(sed -n -e '/^tool (/,/^)/{s/^\t//p}' -e 's/^tool \([^(]\)/\1/p' go.mod)

# What a tool is called here.
program() {
  case $1 in
    helm.sh/helm/v3/*) echo "$here/bin/helm3" ;;
    *) echo "$here/bin/${1##*/}" ;;
  esac
}

up_to_date() {
  local program
  for tool in $tools; do
    program=$(program "$tool")
    [[ -x $program ]] || return 1
    [[ -z $(find go.mod go.sum "$here/build.sh" -newer "$program") ]] || return 1
  done
}

if up_to_date; then
  echo "$label: up to date"
  exit 0
fi

command -v go >/dev/null || { echo "$label: Go is needed to build them (https://go.dev/dl)" >&2; exit 1; }

# Helm 3 has to be told which Kubernetes it was made for; without, it renders for one that charts refuse by kubeVersion.
minor=$(go list -m -f '{{.Version}}' k8s.io/client-go)
minor=${minor#v0.}
package=helm.sh/helm/v3/pkg/chartutil
flags="-s -w -X $package.k8sVersionMajor=1 -X $package.k8sVersionMinor=${minor%%.*}"

for tool in $tools; do
  program=$(program "$tool")
  # No VCS stamp: it would relink on each commit. Promtool without the clients of all clouds, which it needs to find targets.
  CGO_ENABLED=0 "$here/../progress.sh" "$label: building ${program##*/}" \
    go build -trimpath -buildvcs=false -p 2 -tags remove_all_sd -ldflags "$flags" -o "$program" "$tool"
  # Go keeps the file as it is when nothing but its time would change.
  touch "$program"
done
echo "$label: built in $SECONDS s"
