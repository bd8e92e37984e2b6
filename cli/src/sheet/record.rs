//! One record of a report: who, for whom, under which mandate, when, by which path, and what is missing.

use super::Sheet;
use super::html::{Html, code, list_of, paragraph, row, text, wrap};
use crate::language::pick;
use crate::reading;
use koinon_protocol::bundle::{Content, Erasure, Included, Party, Report, Statement, Time, Vouched, day, moment};
use koinon_protocol::kind::Kind;
use koinon_protocol::time::Millis;

/// What a record is called.
pub(super) fn title(record: &Statement, wanted: &[String]) -> String {
    let named = match &record.content {
        Content::Intact { title, .. } => pick(title, wanted),
        _ => "",
    };
    match (named, &record.author, record.kind_name) {
        ("", None, _) => "A record that is not proven".to_owned(),
        ("", Some(_), Some(kind)) => format!("A record of kind {kind}"),
        ("", Some(_), None) => format!("A record of kind {}", record.kind),
        (named, ..) => named.to_owned(),
    }
}

impl Sheet<'_> {
    pub(super) fn record(&self, record: &Statement, report: &Report) -> Html {
        let heading = (report.records.len() > 1).then(|| wrap("h2", "", [text(&title(record, self.wanted))]));
        let failures = (!record.failures.is_empty()).then(|| {
            let each = record.failures.iter().map(|failure| text(&format!("{failure} ({})", failure.code())));
            row("What does not hold", [list_of("wrong", each)])
        });
        let identity = row("Record", [code(&record.id.to_string())]);
        let rows: Vec<Html> = match &record.author {
            None => vec![row("What it says", [text("Nothing is repeated of a record whose signature or author is not proven.")])],
            Some(author) => self.rows(record, author, report),
        };
        let said = self.said(record);
        wrap(
            "section",
            "record",
            heading.into_iter().chain([wrap("dl", "", failures.into_iter().chain(rows).chain([identity]))]).chain(said),
        )
    }

    fn rows(&self, record: &Statement, author: &Party, report: &Report) -> Vec<Html> {
        let label = if record.device_label.is_empty() { "the organisation's first key" } else { &record.device_label };
        let mut rows = vec![
            row("Who signed", [text(label), code(&record.device.to_string())]),
            row("For whom", [text(&self.called(author)), code(&author.id.to_string())]),
            row("Under which mandate", [self.mandate(record)]),
            row("When, as its author says", [text(&moment(record.claimed_at))]),
            row("When, as is proven", [self.time(record, report)]),
            row("By which path", [self.path(record, author)]),
            row("Content", [self.content(record)]),
            row("Place", [place(record)]),
        ];
        let decisions = record.decisions();
        if !decisions.is_empty() {
            rows.push(row("What was decided", [list_of("plain", decisions.iter().map(|each| text(each)))]));
        }
        if !record.subject.is_zero() {
            rows.push(row("About", [code(&record.subject.to_string())]));
        }
        rows
    }

    fn mandate(&self, record: &Statement) -> Html {
        match record.vouched.last() {
            None if record.is_act() => {
                text("Its own: a decision that is signed with the keys that may take it needs nobody's leave.")
            }
            None => text("Its own: the network's charter names it as a founder."),
            Some(last) => text(&format!(
                "Resolution {} of {}, by {}, valid from {} to {}.",
                last.mandate.resolution,
                last.mandate.date,
                self.called(&last.voucher),
                day(last.from),
                last_day(last.until)
            )),
        }
    }

    /// From the charter down.
    fn path(&self, record: &Statement, author: &Party) -> Html {
        if record.is_act() {
            return text("From the keys that the organisation, its guardians or the founders of the network were given before.");
        }
        let founder = record.vouched.first().map_or(author, |first| &first.voucher);
        let charter = text("The charter of the network");
        let first = text(&self.called(founder)).then(wrap("span", "how", [text("named as a founder in the charter")]));
        let steps = record.vouched.iter().map(|step| self.step(step));
        wrap("ol", "ladder", [charter, first].into_iter().chain(steps).map(|rung| wrap("li", "", [rung])))
    }

    fn step(&self, step: &Vouched) -> Html {
        let how = format!(
            "vouched for by {} ({}) from {} to {}, by resolution {} of {}. Checked was: {}",
            self.called(&step.voucher),
            step.scope.join(", "),
            day(step.from),
            last_day(step.until),
            step.mandate.resolution,
            step.mandate.date,
            step.evidence
        );
        text(&self.called(&step.organisation)).then(wrap("span", "how", [text(&how)]))
    }

    fn time(&self, record: &Statement, report: &Report) -> Html {
        let Some(time) = &record.witnessed else { return text("not proven") };
        let (class, headline, by) = match time {
            Time::Proven { at, by, .. } => ("", moment(*at), by),
            Time::Unproven { by, .. } => ("missing", "Not proven".to_owned(), by),
        };
        let seen =
            by.iter().map(|each| text(&format!("{} – ", moment(each.at))).then(wrap("span", "name", [text(&each.witness)])));
        let each = if by.is_empty() { Html::default() } else { list_of("plain", seen) };
        wrap("strong", class, [text(&headline)]).then(wrap("span", "how", [text(&time.sentence(&report.witnesses))])).then(each)
    }

    fn content(&self, record: &Statement) -> Html {
        let erased = record.erased.as_ref().map(|erased| self.erased(erased));
        match (&record.content, erased) {
            (Content::Intact { .. }, None) => text("Unchanged: it is the one that was signed."),
            (Content::Intact { .. }, Some(erased)) => text("It is the one that was signed. It was erased elsewhere: ").then(erased),
            (Content::Absent, Some(erased)) => wrap("strong", "missing", [text("Erased")]).then(erased),
            (Content::Absent, None) => wrap("strong", "missing", [text("Not in the file")]).then(text(
                " – the node that made it never had the content, or lost it. That it was signed, by whom and when holds without it.",
            )),
            (Content::Unknown, _) => wrap("strong", "broken", [text("Changed")]).then(text(" – it is not the one that was signed.")),
        }
    }

    fn erased(&self, erased: &Erasure) -> Html {
        let mandate =
            erased.mandate.as_ref().map(|mandate| format!(", by resolution {} of {}", mandate.resolution, mandate.date));
        let who = format!(
            " by {}, as it says on {}{}.",
            self.called(&erased.by),
            moment(erased.claimed_at),
            mandate.unwrap_or_default()
        );
        text(&who)
            .then(wrap("blockquote", "", [text(&erased.ground), wrap("span", "how", erased.law.iter().map(|law| text(law)))]))
            .then(wrap("span", "how", [text("The erasure:"), code(&erased.record.to_string())]))
    }

    fn said(&self, record: &Statement) -> Option<Html> {
        let Content::Intact { body, problems, .. } = &record.content else { return None };
        let body = body.as_ref()?.as_object()?;
        let lines = reading::lines(Kind::by_number(record.kind), body, self.wanted);
        let fields = lines.iter().map(|(label, said)| row(label, [wrap("div", "said", [text(said)])]));
        let odd = (!problems.is_empty()).then(|| {
            paragraph("It is not filled in as its kind asks:")
                .then(list_of("wrong", problems.iter().map(|problem| text(problem))))
        });
        Some(wrap(
            "div",
            "content",
            [wrap("h2", "", [text("What it says")])].into_iter().chain(odd).chain([wrap("dl", "", fields)]),
        ))
    }

    fn called(&self, party: &Party) -> String {
        match pick(&party.name, self.wanted) {
            "" => format!("the organisation {}", party.id),
            name if party.country.is_empty() => name.to_owned(),
            name => format!("{name} ({})", party.country),
        }
    }
}

fn place(record: &Statement) -> Html {
    let log = format!("Record {} of its key's log, by the author's signature. ", record.seq.saturating_add(1));
    match &record.included {
        None => text(&log).then(wrap("strong", "broken", [text("It is not shown to stand in a journal.")])),
        Some(Included { node, position, size, root }) => {
            let journal = format!("Entry {} of {size} in the journal of {node}, with the root", position.saturating_add(1));
            text(&log).then(text(&journal)).then(code(&root.to_string()))
        }
    }
}

/// The last day of a period that ends at this moment.
fn last_day(until: Millis) -> String {
    day(Millis(until.0.saturating_sub(1)))
}
