//! What a bundle proves, in sentences for a council.

use super::{
    Amended, Content, Cosigned, Erasure, Included, Party, Report, Statement, Suspended, Time, Undated, Vouched, Witnesses,
};
use crate::time::Millis;
use crate::trust::{Last, Localised, acts, amendment};

impl Report {
    /// The report in English, a sentence each, the verdict first.
    pub fn sentences(&self) -> Vec<String> {
        let verdict =
            if self.verified { "Everything that this file claims holds." } else { "Not everything that this file claims holds." };
        let network =
            format!("It is of the network {}, whose id is {}; compare it with the one you know.", name(&self.name), self.network);
        let aside = self.set_aside.iter().map(|each| format!("The control record {} proves nothing: {}.", each.id, each.failure));
        let records = self.records.iter().flat_map(|record| record.sentences(&self.witnesses));
        let checkpoints = self.checkpoints.iter().flat_map(Cosigned::sentences);
        [verdict.to_owned(), network].into_iter().chain(records).chain(checkpoints).chain(aside).collect()
    }
}

impl Cosigned {
    fn sentences(&self) -> impl Iterator<Item = String> {
        self.failures.iter().map(|failure| format!("Of the checkpoint of {} records this does not hold: {failure}.", self.size))
    }
}

impl Statement {
    /// What is proven of this record, in English, a sentence each.
    pub fn sentences(&self, witnesses: &Witnesses) -> Vec<String> {
        let failures = self.failures.iter().map(|failure| format!("Not proven: {failure}."));
        let Some(author) = &self.author else {
            return std::iter::once(format!("Record {}.", self.id)).chain(failures).collect();
        };
        let mut sentences = vec![self.subject_line(), self.signed_line(author)];
        sentences.extend(self.device_ended.map(|last| self.ended_line(last)));
        let founder = self.vouched.first().map_or(author, |vouched| &vouched.voucher);
        sentences.extend(self.amended.as_ref().map(Amended::sentence));
        if founder.founder {
            sentences.push(format!("The charter names {} as a founder.", called(founder)));
        }
        sentences.extend(self.vouched.iter().flat_map(Vouched::sentences));
        sentences.extend(self.erased.as_ref().map(Erasure::sentence));
        sentences.extend(self.witnessed.as_ref().map(|time| time.sentence(witnesses)));
        sentences.extend(self.included.as_ref().map(Included::sentence));
        sentences.extend(failures);
        sentences
    }

    /// What acts say about its device, the charter by which it is judged, and its vouchers, in English, a sentence each.
    pub fn decisions(&self) -> Vec<String> {
        let ended = self.device_ended.map(|last| self.ended_line(last));
        let suspended = self
            .vouched
            .iter()
            .flat_map(|vouched| vouched.suspended.iter().map(|each| each.sentence(&vouched.voucher, &vouched.organisation)));
        ended.into_iter().chain(self.amended.as_ref().map(Amended::sentence)).chain(suspended).collect()
    }

    /// Whether it is an act, which speaks by the keys that signed it and by nobody's leave.
    pub fn is_act(&self) -> bool {
        acts::is_act(self.kind)
    }

    fn subject_line(&self) -> String {
        let kind =
            self.kind_name.map_or_else(|| format!("a record of kind {}", self.kind), |name| format!("a record of kind {name}"));
        match &self.content {
            Content::Intact { title, .. } if !title.is_empty() => {
                format!("\u{201c}{}\u{201d}, {kind}, {}.", name(title), self.id)
            }
            _ => format!("Record {}, {kind}.", self.id),
        }
    }

    fn signed_line(&self, author: &Party) -> String {
        let content = match self.content {
            Content::Intact { .. } => "content unchanged",
            Content::Absent if self.erased.is_some() => "its content was erased",
            Content::Absent => "its content is not in this file",
            Content::Unknown => "its content was changed",
        };
        let (who, day) = (called(author), day(self.claimed_at));
        match self.kind {
            amendment::KIND => format!("Signed by as many founders as the charter asks, and dated {day}; {content}."),
            _ if self.is_act() => {
                format!("Signed with the keys that decide this for {who}, and dated {day}; {content}.")
            }
            _ => format!("Signed by {who}, which dates it {day}; {content}."),
        }
    }

    fn ended_line(&self, last: Last) -> String {
        let place = last.seq.saturating_add(1);
        let own = self.seq.saturating_add(1);
        format!("The author has ended the log of the key that signed it after entry {place}; this is entry {own} and counts.")
    }
}

impl Amended {
    fn sentence(&self) -> String {
        let by: Vec<_> = self.by.iter().map(name).collect();
        format!(
            "The charter that counts then is amendment {}, from {} on, signed by {}.",
            self.number,
            day(self.from),
            by.join(", ")
        )
    }
}

impl Suspended {
    fn sentence(&self, voucher: &Party, organisation: &Party) -> String {
        let until = self.until.map_or_else(String::new, |until| format!(" to {}", day(Millis(until.0.saturating_sub(1)))));
        format!(
            "{} suspended its word for {} from {}{until}, by resolution {} of {}. The ground: {}",
            called(voucher),
            called(organisation),
            day(self.from),
            self.mandate.resolution,
            self.mandate.date,
            self.ground,
        )
    }
}

impl Vouched {
    fn sentences(&self) -> impl Iterator<Item = String> {
        let suspended = self.suspended.iter().map(|each| each.sentence(&self.voucher, &self.organisation));
        std::iter::once(self.sentence()).chain(suspended)
    }

    fn sentence(&self) -> String {
        format!(
            "{} vouches for {} ({}) from {} to {}, by resolution {} of {}; checked was: {}.",
            called(&self.voucher),
            called(&self.organisation),
            self.scope.join(", "),
            day(self.from),
            day(Millis(self.until.0.saturating_sub(1))),
            self.mandate.resolution,
            self.mandate.date,
            self.evidence,
        )
    }
}

impl Erasure {
    /// Who erased, when, and on what ground.
    pub fn sentence(&self) -> String {
        let mandate = self.mandate.as_ref().map(|mandate| format!(", by resolution {} of {}", mandate.resolution, mandate.date));
        format!(
            "{} erased the content, which it dates {}{}. The ground: {}{}",
            called(&self.by),
            day(self.claimed_at),
            mandate.unwrap_or_default(),
            self.ground,
            self.law.as_ref().map(|law| format!(" ({law})")).unwrap_or_default(),
        )
    }
}

impl Time {
    /// By when it was there, and whose word that is; or what is missing.
    pub fn sentence(&self, witnesses: &Witnesses) -> String {
        let (whose, of) = (witnesses.chosen(), witnesses.keys.len());
        match self {
            Self::Proven { at, quorum, by } => format!(
                "It was there by {}: {} of the {of} {whose} cosigned a journal that holds it, and {quorum} must.",
                moment(*at),
                by.len()
            ),
            Self::Unproven { why: Undated::NotIncluded, .. } => {
                "When it was there is not proven: it is not shown to stand in the journal.".to_owned()
            }
            Self::Unproven { why: Undated::NoCheckpoint, .. } => {
                "When it was there is not proven: no checkpoint of the journal covers it yet.".to_owned()
            }
            Self::Unproven { why: Undated::NoWitness, .. } => {
                "When it was there is not proven: no witness is named, by this file or by you.".to_owned()
            }
            Self::Unproven { why: Undated::TooFew, by, quorum } => {
                format!("When it was there is not proven: {} of the {of} {whose} cosigned, and {quorum} must.", by.len())
            }
        }
    }
}

impl Witnesses {
    fn chosen(&self) -> &'static str {
        if self.chosen_by_reader { "witnesses that you named" } else { "witnesses that the node named" }
    }
}

impl Included {
    fn sentence(&self) -> String {
        format!(
            "By the word of the node {} it is entry {} of the {} in its journal, whose root is {}.",
            self.node,
            self.position.saturating_add(1),
            self.size,
            self.root,
        )
    }
}

fn called(party: &Party) -> String {
    if party.name.is_empty() {
        format!("the organisation {}", party.id)
    } else if party.country.is_empty() {
        name(&party.name).to_owned()
    } else {
        format!("{} ({})", name(&party.name), party.country)
    }
}

/// The text in English, or in the first language there is.
fn name(texts: &Localised) -> &str {
    texts.get("en").or_else(|| texts.values().next()).map_or("without a name", String::as_str)
}

/// The minute in UTC, such as 12 March 2026, 08:05 UTC.
pub fn moment(at: Millis) -> String {
    let minutes = at.0 / 60_000;
    format!("{}, {:02}:{:02} UTC", day(at), minutes / 60 % 24, minutes % 60)
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// The day in UTC, such as 12 March 2026; what is beyond the calendar is said so.
pub fn day(at: Millis) -> String {
    let Some(date) = at.date() else { return "a day beyond the calendar".to_owned() };
    let month =
        usize::try_from(date.month()).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied().unwrap_or_default();
    format!("{} {month} {}", date.day(), date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_people_do() {
        let cases = [
            (0, "1 January 1970"),
            (951_782_400_000, "29 February 2000"),
            (951_868_799_999, "29 February 2000"),
            (951_868_800_000, "1 March 2000"),
            (1_773_273_600_000, "12 March 2026"),
            (4_102_444_799_999, "31 December 2099"),
        ];
        for (at, expected) in cases {
            assert_eq!(day(Millis(at)), expected);
        }
        assert!(!day(Millis(u64::MAX)).is_empty());
    }
}
