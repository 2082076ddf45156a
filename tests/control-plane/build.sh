#!/usr/bin/env bash
# Builds bin/control-plane and the four names it answers to. Needs Go and nothing else.
# The first build takes about five minutes on two cores; later ones are skipped or come from Go's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

names=(etcd kube-apiserver kube-controller-manager kubectl)

up_to_date() {
  [[ -x bin/control-plane ]] || return 1
  for name in "${names[@]}"; do [[ -x bin/$name ]] || return 1; done
  [[ -z $(find . -maxdepth 1 \( -name '*.go' -o -name 'go.*' -o -name build.sh \) -newer bin/control-plane) ]]
}

if up_to_date; then
  echo "control-plane: up to date"
  exit 0
fi

command -v go >/dev/null || { echo "control-plane: Go is needed to build it (https://go.dev/dl)" >&2; exit 1; }

version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}

# Without these the programs call themselves v0.0.0-master, and charts refuse to install by kubeVersion.
package=k8s.io/component-base/version
flags="-s -w -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor"

echo "control-plane: building Kubernetes $version"
# Two at a time: the largest packages need 2 GB of memory each. No VCS stamp: it would relink on each commit.
CGO_ENABLED=0 go build -trimpath -buildvcs=false -p 2 -ldflags "$flags" -o bin/control-plane . &
build=$!
trap 'kill "$build" 2>/dev/null || true' EXIT
next=10
while kill -0 "$build" 2>/dev/null; do
  sleep 0.5
  if (( SECONDS >= next )); then
    echo "control-plane: building, $SECONDS s"
    next=$(( SECONDS + 10 ))
  fi
done
wait "$build"
trap - EXIT

# Go keeps the file as it is when nothing but its time would change.
touch bin/control-plane
for name in "${names[@]}"; do ln -sfn control-plane "bin/$name"; done
echo "control-plane: built in $SECONDS s, $(du -m bin/control-plane | cut -f1) MB"
