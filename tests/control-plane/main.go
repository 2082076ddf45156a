// Command control-plane is a real Kubernetes control plane for tests and the demo, in one file.
//
// It answers as etcd, kube-apiserver, kube-controller-manager or kubectl, after the name it is called by
// or, when called by its own name, after its first argument. One file, because the four share almost all
// of their code; separate processes, because feature gates, metrics and logs are global to a process and
// because crash tests need something to kill.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	_ "k8s.io/component-base/logs/json/register"          // makes --logging-format=json known
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // registers what the real programs register
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// programs maps a name to the function that runs it and returns its exit code.
var programs = map[string]func() int{
	"etcd":                    server(runEtcd),
	"kube-apiserver":          server(runAPIServer),
	"kube-controller-manager": server(runControllerManager),
	"kubectl":                 runKubectl,
}

func main() {
	run, known := programs[filepath.Base(os.Args[0])]
	if !known && len(os.Args) > 1 {
		// The programs parse os.Args by themselves, so the own name has to go.
		os.Args = os.Args[1:]
		run, known = programs[os.Args[0]]
	}
	if !known {
		fmt.Fprintln(os.Stderr, "usage: control-plane etcd|kube-apiserver|kube-controller-manager|kubectl [flags]")
		os.Exit(2)
	}
	os.Exit(run())
}
