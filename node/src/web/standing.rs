//! Standing in words: who vouches for whom, from the charter down, and what is wrong when nobody does.

use super::item::{address, organisation};
use super::reading::Reading;
use super::text::Said;
use super::{date, words};
use koinon_protocol::id::{OrganisationId, RecordId};
use koinon_protocol::time::Millis;
use koinon_protocol::trust::{Attested, NoStanding, Right, Step};
use maud::{Markup, html};

/// Whether an organisation may act, and what proves it.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// From the founder that the charter names to the organisation itself.
    Stands(Vec<Rung>),
    /// Why it has none.
    Lacks(NoStanding),
}

/// One organisation on the way.
#[derive(Clone, Debug)]
pub(crate) struct Rung {
    /// The organisation.
    pub(crate) organisation: OrganisationId,
    /// What it is called.
    pub(crate) name: Said,
    /// The record that puts it there: the charter, or an attestation.
    pub(crate) record: RecordId,
    /// Until when that counts; none for a founder.
    pub(crate) until: Option<Millis>,
}

/// Whether `organisation` may do this at the moment `at`.
pub(crate) fn verdict(organisation: OrganisationId, right: Right, at: Millis, reading: &Reading) -> Verdict {
    match reading.trust.standing(organisation, right, at) {
        Ok(standing) => Verdict::Stands(standing.path.iter().map(|step| rung(step, reading)).collect()),
        Err(reason) => Verdict::Lacks(reason),
    }
}

fn rung(step: &Step, reading: &Reading) -> Rung {
    let held = reading.trust.attestations_of(step.organisation).iter().find(|held| held.record == step.record);
    Rung {
        organisation: step.organisation,
        name: reading.name(step.organisation),
        record: step.record,
        until: held.map(|held: &Attested| held.until),
    }
}

impl Verdict {
    /// Whether it stands.
    pub(crate) fn stands(&self) -> bool {
        matches!(self, Self::Stands(_))
    }

    /// One sentence: who vouched and until when, and who vouched for them, up to the charter.
    pub(crate) fn sentence(&self, reading: &Reading) -> Markup {
        match self {
            Self::Lacks(reason) => html! { (words::NOT_VOUCHED) " " (why(reason, reading)) },
            Self::Stands(rungs) => match rungs.split_last() {
                None | Some((_, [])) => {
                    html! { (words::FOUNDER_BY) " " a href="/network" { (words::CHARTER_OF) " " (reading.network()) } "." }
                }
                Some((own, above)) => html! {
                    @for (index, rung) in above.iter().rev().enumerate() {
                        @if index == 0 { (words::VOUCHED_BY) " " } @else { " ← " }
                        a href=(organisation(rung.organisation)) { (rung.name) }
                        @if index == 0 { @if let Some(until) = own.until { " " (words::UNTIL) " " (date::day(until)) } }
                    }
                    " ← " a href="/network" { (words::CHARTER) } "."
                },
            },
        }
    }

    /// The way as a list, from the charter down to the organisation.
    pub(crate) fn ladder(&self, reading: &Reading) -> Markup {
        let Self::Stands(rungs) = self else { return html! { p { (self.sentence(reading)) } } };
        html! {
            ol.ladder {
                li { a href="/network" { (words::CHARTER_OF) " " (reading.network()) } span.how { (words::LADDER_CHARTER) } }
                @for rung in rungs {
                    li {
                        a href=(organisation(rung.organisation)) { (rung.name) }
                        @match rung.until {
                            None => span.how { (words::LADDER_FOUNDER) },
                            Some(until) => span.how { a href=(address(&rung.record)) { (words::LADDER_VOUCHED) } " " (words::UNTIL) " " (date::day(until)) },
                        }
                    }
                }
            }
        }
    }
}

/// A reason in a sentence.
pub(crate) fn why(reason: &NoStanding, reading: &Reading) -> Markup {
    match reason {
        NoStanding::Unknown => html! { (words::WHY_UNKNOWN) },
        NoStanding::NeverVouched => html! { (words::WHY_NEVER) },
        NoStanding::Expired { until } => html! { (words::WHY_EXPIRED) " " (date::day(*until)) "." },
        NoStanding::NotYet { from } => html! { (words::WHY_NOT_YET) " " (date::day(*from)) "." },
        NoStanding::Suspended { voucher } => {
            html! { (words::WHY_SUSPENDED) " " a href=(organisation(*voucher)) { (reading.name(*voucher)) } "." }
        }
        NoStanding::Scope => html! { (words::WHY_SCOPE) },
        NoStanding::Depth => html! { (words::WHY_DEPTH) },
        NoStanding::Voucher { voucher } => {
            html! { (words::WHY_VOUCHER) " " a href=(organisation(*voucher)) { (reading.name(*voucher)) } "." }
        }
    }
}
