package main

import (
	"fmt"
	"io"
	"os"
)

// exitWithStdin names the environment variable that ties a server's life to its standard input.
const exitWithStdin = "CONTROL_PLANE_EXIT_WITH_STDIN"

// server wraps a long-running program so that it can end with the process that started it.
func server(run func() int) func() int {
	return func() int {
		if os.Getenv(exitWithStdin) == "1" {
			go exitAtEndOfInput()
		}
		return run()
	}
}

// exitAtEndOfInput exits when the other end of standard input is closed. The kernel closes it however the
// parent ended, so that not even a killed test leaves a control plane behind. Nothing is shut down in
// order: the data is of no more use to anybody.
func exitAtEndOfInput() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Fprintln(os.Stderr, "control-plane: the starting process has gone, exiting")
	os.Exit(3)
}
