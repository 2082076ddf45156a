use std::collections::BTreeSet;

use clap::CommandFactory;
use rstest::rstest;

use super::*;

fn settings(arguments: &[&str]) -> Settings {
    match CommandLine::try_parse_from([&["operator"], arguments].concat()).unwrap().resolve().unwrap() {
        Invocation::Run(settings) => *settings,
        Invocation::Crds | Invocation::Diagnose(_) => panic!("no settings"),
    }
}

fn refusal(arguments: &[&str]) -> String {
    match CommandLine::try_parse_from([&["operator"], arguments].concat()) {
        Ok(command_line) => command_line.resolve().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_flag_has_its_variable_and_its_help() {
    let mut variables = BTreeSet::new();
    let command = CommandLine::command();
    for name in ["run", "diagnose"] {
        let subcommand = command.find_subcommand(name).unwrap();
        assert_eq!(
            subcommand.get_arguments().map(clap::Arg::get_id).collect::<Vec<_>>(),
            command.get_arguments().map(clap::Arg::get_id).collect::<Vec<_>>(),
        );
    }
    for argument in command.get_arguments() {
        let long = argument.get_long().unwrap();
        let variable = argument.get_env().and_then(|variable| variable.to_str());
        let expected = format!("USER_INVITATION_OPERATOR_{}", long.replace('-', "_").to_uppercase());
        assert_eq!(variable, Some(expected.as_str()), "--{long}");
        assert!(variables.insert(expected), "--{long} shares its variable");
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.len() > 10, "--{long} has no help");
        assert!(!help.ends_with('.'), "--{long}: help has no full stop");
    }
    assert_eq!(variables.len(), 29);
}

#[test]
fn the_command_line_is_sound() {
    CommandLine::command().debug_assert();
}

#[test]
fn defaults_are_the_documented_ones() {
    let settings = settings(&[]);
    assert_eq!(settings.lease.duration(), Duration::from_secs(15));
    assert_eq!(settings.lease.renew_deadline(), Duration::from_secs(10));
    assert_eq!(settings.lease.renew_interval(), Duration::from_secs(5));
    assert_eq!(settings.lease.try_timeout(), Duration::from_secs(3));
    assert_eq!(settings.lease.retry(), Duration::from_secs(2));
    assert!(settings.lease.election);
    assert_eq!(settings.engine.concurrency(), 32);
    assert_eq!(settings.engine.send_limit(), Duration::from_secs(10));
    assert_eq!(settings.engine.deletion_delay(), Duration::from_secs(30));
    assert_eq!(settings.engine.vendor_timeout(), Duration::from_secs(20));
    assert_eq!(settings.engine.vendor_connect_timeout(), Duration::from_secs(5));
    assert_eq!(settings.engine.look_freshness(), Duration::from_secs(60));
    assert_eq!(settings.engine.settle_first_look(), Duration::from_secs(2));
    assert_eq!(settings.engine.settle_last_look(), Duration::from_secs(60));
    assert_eq!(settings.engine.credentials_refresh(), Duration::from_secs(300));
    assert_eq!(settings.engine.terminating_namespace_tries(), 5);
    assert_eq!(settings.engine.abandoned_attempt_age(), Duration::from_secs(3600));
    assert_eq!(settings.shutdown_grace(), Duration::from_secs(25));
    assert_eq!(settings.log_format, LogFormat::Json);
    assert_eq!(settings.log_emails, LogEmails::Plain);
    assert!(settings.watch_namespaces.names().is_empty() && settings.watch_namespaces.includes("any"));
    assert!(settings.allowed_private_cidrs.networks().is_empty());
}

#[test]
fn lists_are_read_and_the_subcommand_takes_the_same_flags() {
    let settings =
        settings(&["run", "--watch-namespaces=b, a,b,", "--allowed-private-cidrs=10.0.0.0/8,fd00::/8"]);
    assert_eq!(settings.watch_namespaces.names(), ["b", "a"]);
    assert!(settings.watch_namespaces.includes("a") && !settings.watch_namespaces.includes("c"));
    assert_eq!(settings.allowed_private_cidrs.networks().len(), 2);
}

#[rstest]
#[case::all_namespaces(&[], true)]
#[case::some(&["--watch-namespaces=a"], false)]
#[case::some_and_asked_for(&["--watch-namespaces=a", "--cluster-providers=true"], true)]
#[case::all_and_not_asked_for(&["--cluster-providers=false"], false)]
fn providers_of_the_cluster_are_served_where_everything_is(#[case] arguments: &[&str], #[case] wanted: bool) {
    assert_eq!(settings(arguments).cluster_providers(), wanted);
}

#[test]
fn the_definitions_are_printed_without_settings() {
    let command_line = CommandLine::try_parse_from(["operator", "crds"]).unwrap();
    assert!(matches!(command_line.resolve().unwrap(), Invocation::Crds));
}

#[rstest]
#[case(&["--lease-renew-interval-milliseconds=10000"], "--lease-renew-interval-milliseconds must be shorter than --lease-renew-deadline-milliseconds")]
#[case(&["--lease-renew-deadline-milliseconds=15000"], "--lease-renew-deadline-milliseconds must be shorter than --lease-duration-milliseconds")]
#[case(&["--lease-try-timeout-milliseconds=5000"], "--lease-renew-interval-milliseconds and --lease-try-timeout-milliseconds together must be shorter than --lease-renew-deadline-milliseconds, so that one slow answer is no loss")]
#[case(&["--lease-retry-milliseconds=10000"], "--lease-retry-milliseconds must be shorter than --lease-renew-deadline-milliseconds")]
#[case(&["--vendor-connect-timeout-milliseconds=20001"], "--vendor-connect-timeout-milliseconds must be shorter than --vendor-timeout-milliseconds")]
#[case(&["--settle-first-look-milliseconds=60001"], "--settle-first-look-milliseconds must be shorter than --settle-last-look-milliseconds")]
#[case(&["--shutdown-grace-seconds=3"], "--lease-try-timeout-milliseconds must be shorter than --shutdown-grace-seconds")]
#[case(&["--operator-namespace=No Name"], "the operator's namespace \"No Name\" is no namespace name: set --operator-namespace")]
#[case(&["--lease-name=Lease"], "--lease-name \"Lease\" is no object name: use lower-case letters, digits and dashes")]
#[case(&["--log-filter=info,=loud"], "--log-filter \"info,=loud\" cannot be read: use a level such as info, or target=level,target=level")]
fn what_does_not_fit_together_is_refused(#[case] arguments: &[&str], #[case] expected: &str) {
    assert_eq!(refusal(arguments), expected);
}

#[rstest]
#[case(
    "--allowed-private-cidrs=10.0.0.1",
    "\"10.0.0.1\" is no network in CIDR notation, such as 10.0.0.0/8 or fd00::/8"
)]
#[case("--watch-namespaces=a,B", "\"B\" is no namespace name")]
#[case("--concurrency=0", "0 is not in 1..=1024")]
#[case("--health-address=8080", "invalid socket address syntax")]
fn what_cannot_be_read_is_refused(#[case] argument: &str, #[case] expected: &str) {
    let refusal = refusal(&[argument]);
    assert!(refusal.contains(expected), "{refusal}");
}

#[test]
fn the_own_namespace_is_found_where_the_cluster_puts_it() {
    let file = std::env::temp_dir().join(format!("namespace-{}", std::process::id()));
    std::fs::write(&file, "from-file\n").unwrap();
    let missing = file.with_extension("missing");
    let variable = || Some("from-variable".to_owned());
    let named = settings(&["--operator-namespace=named"]);
    let unnamed = settings(&["--operator-namespace="]);
    assert_eq!(named.namespace_from(&file, variable()), "named");
    assert_eq!(unnamed.namespace_from(&file, variable()), "from-file");
    assert_eq!(unnamed.namespace_from(&missing, variable()), "from-variable");
    assert_eq!(unnamed.namespace_from(&missing, None), "user-invitation-operator");
    std::fs::remove_file(file).unwrap();
}
