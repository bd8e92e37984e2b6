//! The table at the end: one line a node.

use super::client::ClientError;
use super::ground::Ground;
use std::fmt::Write as _;

/// Digits of a root that people compare.
const DIGITS: usize = 16;

/// Node, peers, records that can be found, size and root of the journal, address.
pub(super) fn of(ground: &Ground) -> Result<String, ClientError> {
    let mut rows = vec![["node", "peers", "records", "journal", "root", "pages"].map(str::to_owned)];
    for (node, name) in ground.names().enumerate() {
        let client = ground.client(node);
        let (status, found) = (client.get("status")?, client.searchable()?);
        rows.push([
            name.to_owned(),
            status["peers"].as_array().map_or(0, Vec::len).to_string(),
            found.to_string(),
            status["records"].to_string(),
            status["root"].as_str().unwrap_or_default().chars().take(DIGITS).collect(),
            client.address().to_owned(),
        ]);
    }
    Ok(aligned(&rows))
}

/// Columns two blanks apart.
fn aligned(rows: &[[String; 6]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}
