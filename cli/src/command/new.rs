//! `koinon new`: a form to fill in.

use super::HELP;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::form::kind_named;
use crate::home::write_new;
use crate::language::{LanguageArgs, code};
use serde_json::json;
use std::path::PathBuf;

/// The arguments of `koinon new`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon new practice lorry.toml --language ro
  koinon new need                         (to standard output)")]
pub struct New {
    /// The kind, as 'koinon kinds' lists them
    kind: String,
    /// A new file [default: standard output]
    file: Option<PathBuf>,
    /// The language that you write in, as in ro [default: that of the environment]
    #[arg(long, value_name = "LANGUAGE", value_parser = code)]
    language: Option<String>,
}

impl New {
    /// JSON: `{kind, language, template}`, or `{kind, language, file}` with a file.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let kind = kind_named(&self.kind)?;
        let language = LanguageArgs { language: self.language }.wanted().swap_remove(0);
        let template = format!("kind = \"{}\"\n\n{}", kind.name, kind.template(&language));
        let Some(path) = self.file else {
            return Ok(Answer::ok(template.clone(), json!({ "kind": kind.name, "language": language, "template": template })));
        };
        write_new(&path, template.as_bytes())?;
        let file = path.display();
        let text = format!(
            "Fill in {file}, then see whether it is complete: koinon publish --dry-run {file}\nand publish it: koinon publish {file}\n"
        );
        Ok(Answer::ok(text, json!({ "kind": kind.name, "language": language, "file": path })))
    }
}
