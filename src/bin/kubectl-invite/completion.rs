//! Completion of `kubectl invite`: kubectl asks a program named `kubectl_complete-invite` in the PATH, which is this one
//! under another name, and completes what it answers.

use std::io::{self, Write};
use std::path::Path;

use clap::{Arg, Command};

/// The name under which this program completes.
const NAME: &str = "kubectl_complete-invite";
/// What kubectl is told at the end: whether names of files are completed, too.
const WITH_FILES: &str = ":0";
const NO_FILES: &str = ":4";

/// Whether the program was started to complete.
pub fn is_meant(program: &str) -> bool {
    Path::new(program).file_name().is_some_and(|name| name == NAME)
}

/// Answers what the last of these words may become.
pub fn answer(command: &Command, words: &[String], out: &mut dyn Write) -> io::Result<()> {
    let (candidates, files) = candidates(command, words);
    for (word, help) in candidates {
        writeln!(out, "{word}\t{help}")?;
    }
    writeln!(out, "{}", if files { WITH_FILES } else { NO_FILES })
}

/// What the last word may become, with help; and whether it may be a file.
fn candidates(command: &Command, words: &[String]) -> (Vec<(String, String)>, bool) {
    let Some((begun, before)) = words.split_last() else { return (Vec::new(), false) };
    let sub = before.iter().find_map(|word| command.find_subcommand(word));
    let flags: Vec<&Arg> = sub.into_iter().chain([command]).flat_map(Command::get_arguments).collect();
    let long = |word: &str| {
        flags.iter().find(|flag| flag.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long)))
    };
    if let Some(flag) =
        before.last().and_then(|word| long(word)).filter(|flag| flag.get_action().takes_values())
    {
        let values = flag.get_possible_values();
        let named = values.iter().map(|value| (value.get_name().to_owned(), help(value.get_help())));
        return (begin_with(named, begun), values.is_empty());
    }
    if begun.starts_with('-') {
        let named =
            flags.iter().filter_map(|flag| Some((format!("--{}", flag.get_long()?), help(flag.get_help()))));
        return (begin_with(named, begun), false);
    }
    match sub {
        None => {
            let named =
                command.get_subcommands().map(|sub| (sub.get_name().to_owned(), help(sub.get_about())));
            (begin_with(named, begun), false)
        }
        Some(sub) => (Vec::new(), sub.get_name() == "import"),
    }
}

fn begin_with(named: impl Iterator<Item = (String, String)>, begun: &str) -> Vec<(String, String)> {
    named.filter(|(word, _)| word.starts_with(begun)).collect()
}

fn help(help: Option<&clap::builder::StyledStr>) -> String {
    help.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::CommandLine;

    fn answered(words: &[&str]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut out = Vec::new();
        answer(&CommandLine::command(), &words, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn commands_flags_values_and_files() {
        assert_eq!(answered(&["re"]), ["resend", "reconcile", "resume", ":4"]);
        assert_eq!(answered(&["-n", "team", "import", "--work"]), ["--workspace-id", ":4"]);
        assert_eq!(answered(&["status", "--output", ""]), ["table", "json", "csv", ":4"]);
        assert_eq!(answered(&["import", ""]), [":0"]);
        assert_eq!(answered(&["import", "--output", ""]), [":0"]);
        assert_eq!(answered(&["resend", ""]), [":4"]);
        assert_eq!(answered(&[]), [":4"]);
        assert!(answered(&["status", "--"]).contains(&"--namespace".to_owned()));
    }
}
