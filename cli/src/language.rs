//! Which language of a text in several is shown.

use crate::paper::clean_line;
use serde_json::Value;
use std::collections::BTreeMap;

/// The option of every command that shows texts in languages.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct LanguageArgs {
    /// The language to show, as in ro [default: that of the environment, then English]
    #[arg(long, value_name = "LANGUAGE", value_parser = code)]
    pub language: Option<String>,
}

impl LanguageArgs {
    /// The languages that are wanted, the dearest first.
    pub fn wanted(&self) -> Vec<String> {
        let system = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
        let system = system.map(|value| value.chars().take_while(char::is_ascii_lowercase).collect::<String>());
        self.language
            .iter()
            .cloned()
            .chain(system.filter(|code| code.len() == 2 || code.len() == 3))
            .chain(["en".into()])
            .collect()
    }
}

/// A language code of two or three lower-case letters.
///
/// # Errors
/// What would be right.
pub fn code(text: &str) -> Result<String, String> {
    let good = (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase());
    if good { Ok(text.into()) } else { Err("give a language code of two or three small letters, as in ro".into()) }
}

/// `LANGUAGE=TEXT`, as in `pl=Dolna`.
///
/// # Errors
/// What would be right.
pub fn localised(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((language, name)) if code(language).is_ok() && !name.trim().is_empty() => Ok((language.into(), name.trim().into())),
        _ => Err("give a language code of two or three small letters and a text, as in pl=Dolna".into()),
    }
}

/// The text in the dearest language that it has, else in its first; empty when it has none.
pub fn pick<'a>(texts: &'a BTreeMap<String, String>, wanted: &[String]) -> &'a str {
    let found = wanted.iter().find_map(|language| texts.get(language));
    found.or_else(|| texts.values().next()).map_or("", String::as_str)
}

/// As [`pick`], for a node's answer, where a text may also come without languages. Cleaned, on one line.
pub fn pick_json(value: &Value, wanted: &[String]) -> String {
    let text = match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(texts) => {
            let found = wanted.iter().find_map(|language| texts.get(language));
            found.or_else(|| texts.values().next()).and_then(Value::as_str)
        }
        _ => None,
    };
    clean_line(text.unwrap_or_default())
}
