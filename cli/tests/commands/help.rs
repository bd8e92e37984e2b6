//! docs/CLI.md shows the help of every command as the program prints it. `KOINON_WRITE_DOCS=1 cargo test -p koinon-cli --test commands help`
//! writes it anew.

use clap::{Command, CommandFactory as _};
use koinon_cli::command::Cli;
use std::env;
use std::fs;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/CLI.md");
/// What stands above it is written by hand.
const HEADING: &str = "## Every command\n";

#[test]
fn the_page_shows_the_help_of_every_command() {
    let page = fs::read_to_string(PAGE).unwrap();
    let (by_hand, written) = page.split_once(HEADING).unwrap();
    let mut help = String::new();
    each(&Cli::command(), &mut Vec::new(), &mut |path| help.push_str(&section(path)));
    if env::var_os("KOINON_WRITE_DOCS").is_some() {
        fs::write(PAGE, format!("{by_hand}{HEADING}{help}")).unwrap();
        return;
    }
    let differs = written.lines().zip(help.lines()).find(|(written, printed)| written != printed);
    assert_eq!(differs, None, "docs/CLI.md is not what the program prints");
    assert_eq!(written.len(), help.len());
}

#[test]
fn help_begins_with_what_it_is_for_and_examples() {
    each(&Cli::command(), &mut Vec::new(), &mut |path| {
        let help = help_of(path);
        let mut lines = help.lines().skip(1);
        assert_eq!((lines.next(), lines.next()), (Some(""), Some("Examples:")), "{path:?}");
        assert!(lines.next().unwrap().starts_with("  koinon "), "{path:?}");
    });
}

fn each(command: &Command, path: &mut Vec<String>, visit: &mut impl FnMut(&[String])) {
    visit(path);
    for below in command.get_subcommands() {
        path.push(below.get_name().to_owned());
        each(below, path, visit);
        path.pop();
    }
}

fn section(path: &[String]) -> String {
    let name = [&["koinon".to_owned()], path].concat().join(" ");
    format!("\n### {name}\n```text\n{}\n```\n", help_of(path).trim_end())
}

fn help_of(path: &[String]) -> String {
    let arguments: Vec<_> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let home = tempfile::tempdir().unwrap();
    crate::support::text(&crate::support::command(home.path(), &arguments).env("COLUMNS", "100").output().unwrap())
}
