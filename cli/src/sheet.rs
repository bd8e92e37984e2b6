//! The report of a bundle as one page that can be printed and kept: it loads nothing, and runs nothing.

mod html;
mod record;

use crate::language::pick;
use crate::utc::rfc3339;
use html::{Html, code, list, list_of, paragraph, row, text, wrap};
use koinon_protocol::bundle::{Report, Witnesses};
use koinon_protocol::time::Millis;

const STYLE: &str = include_str!("sheet/sheet.css");

/// What a page says beside the report itself.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    /// The name of the file that was checked.
    pub file: &'a str,
    /// Whether its reader named the network, so that the proof rests on something from elsewhere.
    pub anchored: bool,
    /// Whether the time is proven as far as the reader asked for it.
    pub is_met: bool,
    /// When it was checked.
    pub now: Millis,
    /// The reader's languages, the dearest first.
    pub wanted: &'a [String],
}

impl Sheet<'_> {
    /// The page. Whatever strangers wrote stands in it as text.
    pub fn page(&self, report: &Report) -> String {
        let title = self.title(report);
        let head = wrap(
            "head",
            "",
            [
                Html::fixed(r#"<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">"#),
                Html::fixed(
                    r#"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"#,
                ),
                wrap("title", "", [text(&title)]),
                Html::fixed("<style>"),
                Html::fixed(STYLE),
                Html::fixed("</style>"),
            ],
        );
        let records = report.records.iter().map(|record| self.record(record, report));
        let parts = [self.masthead(&title), self.verdict(report)].into_iter().chain(records);
        let parts = parts.chain([self.network(report), self.set_aside(report), self.foot(report)]);
        let body = wrap("body", "", [wrap("main", "", parts)]);
        Html::fixed("<!doctype html>\n<html lang=\"en\">").then(head).then(body).then(Html::fixed("</html>\n")).into_string()
    }

    fn title(&self, report: &Report) -> String {
        match &report.records[..] {
            [record] => record::title(record, self.wanted),
            records => format!("{} records", records.len()),
        }
    }

    fn masthead(&self, title: &str) -> Html {
        wrap("header", "", [wrap("p", "over", [text("Audit report")]), wrap("h1", "", [text(title)])])
    }

    fn verdict(&self, report: &Report) -> Html {
        let (class, headline, advice) = if !report.verified {
            (
                "verdict bad",
                "Not verified",
                "Not everything that the file claims holds. What does not is named below; rely on nothing of it.",
            )
        } else if !self.is_met {
            (
                "verdict bad",
                "Not verified",
                "All that the file claims holds, but no time is proven by the witnesses that were asked for.",
            )
        } else if !self.anchored {
            (
                "verdict fair",
                "Consistent",
                "All that the file claims holds, within the network that it names itself. Compare that network's id with the one you know.",
            )
        } else {
            ("verdict good", "Verified", "All that the file claims holds, and it is of the network that its reader relies on.")
        };
        wrap("section", class, [wrap("p", "headline", [text(headline)]), paragraph(advice)])
    }

    fn network(&self, report: &Report) -> Html {
        let known = if self.anchored { "named by whoever checked this" } else { "named by the file alone: compare it" };
        let checkpoints = report
            .checkpoints
            .iter()
            .flat_map(|checkpoint| checkpoint.failures.iter().map(|failure| text(&format!("{failure} ({})", failure.code()))));
        let wrong: Vec<_> = checkpoints.collect();
        let rows = [
            row("Network", [text(pick(&report.name, self.wanted)), text(" – "), text(known), code(&report.network.to_string())]),
            row("Purpose", [text(pick(&report.purpose, self.wanted))]),
            row("Licence of its contents", [text(&report.licence)]),
            row("Witnesses of time", [witnesses(&report.witnesses)]),
        ];
        let failed = (!wrong.is_empty()).then(|| row("Checkpoints that do not hold", [list_of("wrong", wrong)]));
        let heading = wrap("h2", "", [text("On what it rests")]);
        wrap("section", "", [heading, wrap("dl", "", failed.into_iter().chain(rows))])
    }

    fn set_aside(&self, report: &Report) -> Html {
        if report.set_aside.is_empty() {
            return Html::default();
        }
        let items = report
            .set_aside
            .iter()
            .map(|aside| code(&aside.id.to_string()).then(text(&format!("{} ({})", aside.failure, aside.failure.code()))));
        let advice = "These stand in the file and do not hold. Nothing above rests on them.";
        wrap("section", "", [wrap("h2", "", [text("Left out")]), paragraph(advice), list_of("plain", items)])
    }

    fn foot(&self, report: &Report) -> Html {
        let again = format!("koinon verify {} --network {}", self.file, report.network);
        let not_proven = [
            "Whether what is said is true: a signature proves who said it, not that it is so.",
            "That nothing is missing: an author who signed two different records for one place, or a node that keeps two journals, shows in \
             comparison with others only.",
            "That the witnesses are independent: whoever checks this chooses whom to rely on.",
        ];
        let made =
            format!("Checked on {} by koinon {}, from the file {}.", rfc3339(self.now), env!("CARGO_PKG_VERSION"), self.file);
        wrap(
            "footer",
            "",
            [
                wrap("h2", "", [text("What this does not prove")]),
                list("plain dashed", &not_proven),
                wrap("h2", "", [text("Check it again")]),
                paragraph("Anybody can, without a network and without trusting anyone who handled the file:"),
                wrap("pre", "", [text(&again)]),
                wrap("p", "made", [text(&made)]),
            ],
        )
    }
}

fn witnesses(witnesses: &Witnesses) -> Html {
    let whose =
        if witnesses.chosen_by_reader { "chosen by whoever checked this" } else { "chosen by the node that made the file" };
    if witnesses.keys.is_empty() {
        return text("none are named: no time can be proven");
    }
    let many = format!("{} must have seen a record; {whose}:", witnesses.quorum);
    text(&many).then(list_of("plain", witnesses.keys.iter().map(|key| code(key))))
}
