//! `koinon charter show`: a network's terms, checked, from a file or a node.

use super::{HELP, object, write};
use crate::answer::Answer;
use crate::charter_file::CharterFile;
use crate::client::{Client, NodeArgs};
use crate::failure::Failure;
use crate::language::LanguageArgs;
use crate::paper::Paper;
use std::path::PathBuf;

/// The arguments of `koinon charter show`.
#[derive(clap::Args, Clone, Debug)]
#[command(help_template = HELP, before_help = "Examples:
  koinon charter show                     (of the node on this computer)
  koinon charter show charter.record
  koinon charter show --node https://koinon.example.org")]
pub struct Show {
    /// A charter's file [default: ask the node]
    file: Option<PathBuf>,
    #[command(flatten)]
    node: NodeArgs,
    #[command(flatten)]
    language: LanguageArgs,
}

impl Show {
    /// JSON: the body of the charter, and `network`.
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let charter = match &self.file {
            Some(path) => CharterFile::read(path)?,
            None => Client::new(&self.node).charter()?,
        };
        let mut paper = Paper::new();
        write(&mut paper, &charter, &self.language.wanted());
        Ok(Answer::ok(paper.finish(), object(&charter)))
    }
}
