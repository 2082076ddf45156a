package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd runs a single-member etcd. Its flags are a small part of etcd's own, under the same names, so
// that a real etcd can take its place with the same command line.
func runEtcd() int {
	config := embed.NewConfig()
	config.LogLevel = "warn"
	// Its default is set with etcd's own flags only; without it each request is logged as slow.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration

	flags := flag.NewFlagSet("etcd", flag.ExitOnError)
	flags.StringVar(&config.Dir, "data-dir", "", "folder of the data")
	flags.BoolVar(&config.UnsafeNoFsync, "unsafe-no-fsync", false, "do not wait for the disk: fast, but loses data with the machine")
	flags.Func("listen-client-urls", "URL to serve clients on", single(&config.ListenClientUrls))
	flags.Func("advertise-client-urls", "URL clients are told to use", single(&config.AdvertiseClientUrls))
	flags.Func("listen-peer-urls", "URL to serve peers on; port 0 will do, since there are none", single(&config.ListenPeerUrls))
	_ = flags.Parse(os.Args[1:]) // exits by itself

	if config.Dir == "" {
		fmt.Fprintln(os.Stderr, "etcd: --data-dir is required")
		return 2
	}

	// Before the start, so that a signal during a slow start is not lost.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)

	server, err := embed.StartEtcd(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		return 1
	}
	defer server.Close()

	select {
	case <-stop:
		return 0
	case err := <-server.Err():
		fmt.Fprintln(os.Stderr, "etcd:", err)
		return 1
	}
}

// single parses one URL into a list of one: etcd's lists are for clusters of several members.
func single(target *[]url.URL) func(string) error {
	return func(value string) error {
		parsed, err := url.Parse(value)
		if err != nil {
			return err
		}
		*target = []url.URL{*parsed}
		return nil
	}
}
