//! What an organisation's roots and guardians decided, and what a reader must know of it.

use crate::ending::ending;
use crate::web::item::{address, organisation};
use crate::web::layout::notice;
use crate::web::reading::Reading;
use crate::web::text::clean;
use crate::web::{date, vocabulary, words};
use koinon_protocol::id::{DeviceKey, OrganisationId};
use koinon_protocol::trust::acts::Act;
use koinon_protocol::trust::recovery::Recovering;
use koinon_protocol::trust::{Attested, Device, Organisation};
use maud::{Markup, html};

/// The most decisions that are listed.
const ROWS: usize = 50;
const DAY: u64 = 24 * 60 * 60 * 1000;

/// What nobody who reads the page may overlook.
pub(super) fn notices(known: &Organisation, reading: &Reading) -> Markup {
    let open = reading.trust.recoveries(known.id).into_iter().filter(|each| !each.confirmed && !each.vetoed);
    html! {
        (closed(known, reading))
        @if known.event.is_zero() { (notice("bad", words::CONTESTED, html! { p { (words::CONTESTED_ADVICE) } })) }
        @for recovery in open.take(ROWS) { (recovering(&recovery)) }
    }
}

fn closed(known: &Organisation, reading: &Reading) -> Markup {
    let Some(succeeded) = reading.trust.succession(known.id) else { return html! {} };
    notice(
        "info",
        words::CLOSED,
        html! {
            p { (words::CLOSED_ADVICE) " " a href=(address(&succeeded.closing)) { (words::CLOSING_RECORD) } }
            @if succeeded.successors.is_empty() { p { (words::NO_SUCCESSOR) } } @else {
                ul.plain {
                    @for each in &succeeded.successors {
                        li {
                            (words::SUCCEEDED_BY) " " (named(*each, reading)) " "
                            @if succeeded.silent.contains(each) { span.tag.poor { (words::HAS_NOT_AGREED) } } @else { span.tag { (words::HAS_AGREED) } }
                        }
                    }
                }
                p {
                    @match succeeded.association {
                        Some(agreed) => { (words::ASSOCIATION_AGREED) " " (named(agreed.organisation, reading)) "." },
                        None => (words::ASSOCIATION_SILENT),
                    }
                }
            }
        },
    )
}

fn recovering(recovery: &Recovering) -> Markup {
    let Some(due) = recovery.due else { return html! {} };
    notice(
        "bad",
        words::RECOVERING,
        html! {
            p { (words::RECOVERING_ADVICE) " " (date::day(due)) ". " a href=(address(&recovery.record)) { (words::RECOVERY_RECORD) } }
        },
    )
}

/// Attestations for and by the organisation that end soon.
pub(super) fn ending_panel(known: &Organisation, reading: &Reading) -> Markup {
    let soon = ending(&reading.trust, known.id, reading.now);
    html! {
        @if !soon.is_empty() {
            section.panel {
                h2 #ending { (words::ENDING) }
                p { (words::ENDING_ADVICE) }
                ul.plain { @for each in soon.iter().take(ROWS) { li { (ends(each, known, reading)) } } }
            }
        }
    }
}

fn ends(held: &Attested, known: &Organisation, reading: &Reading) -> Markup {
    let given = held.voucher == known.id;
    let other = if given { held.subject } else { held.voucher };
    html! {
        @if given { (words::VOUCHES_FOR) } @else { (words::VOUCHED_FOR_BY) }
        " " (named(other, reading)) ", "
        a href=(address(&held.record)) { (words::UNTIL) " " (date::day(held.until)) }
    }
}

/// An organisation, with its page when it has one here.
fn named(id: OrganisationId, reading: &Reading) -> Markup {
    let known = reading.trust.organisation(id).is_some();
    html! { @if known { a href=(organisation(id)) { (reading.name(id)) } } @else { (reading.name(id)) " " span.how { (words::NOT_HERE) } } }
}

/// That an attestation does not hold now because its voucher suspended it.
pub(super) fn suspension(held: &Attested, reading: &Reading) -> Markup {
    html! {
        @if let Some(record) = reading.trust.suspension(held, reading.now) {
            " " a.tag.poor href=(address(&record)) { (words::SUSPENDED) }
        }
    }
}

/// A key that signs, and where its log ended.
pub(super) fn device(key: &DeviceKey, device: &Device) -> Markup {
    html! {
        @if !device.label.is_empty() { (clean(&device.label)) " " }
        code.id { (key) }
        @if let Some(last) = device.last { br; span.how { (words::REVOKED_AT) " " a href=(address(&last.id)) { code.id { (last.id) } } } }
    }
}

/// Who can recover the organisation.
pub(super) fn guardians(known: &Organisation, reading: &Reading) -> Markup {
    let guardians = &known.guardians;
    let days = guardians.delay.div_ceil(DAY);
    html! {
        @if guardians.members.is_empty() { (words::NO_GUARDIANS) } @else {
            (words::guardians(guardians.threshold(), guardians.members.len(), days))
            ul.plain { @for each in &guardians.members { li { (named(each.organisation, reading)) } } }
        }
    }
}

/// What was decided, the newest first.
pub(super) fn panel(known: &Organisation, reading: &Reading) -> Markup {
    let mut acts: Vec<&Act> = reading.trust.acts_of(known.id).collect();
    acts.sort_by_key(|act| (std::cmp::Reverse(act.claimed_at), act.record));
    html! {
        @if !acts.is_empty() {
            section.panel {
                h2 { (words::DECISIONS) }
                ul.plain {
                    @for act in acts.into_iter().take(ROWS) {
                        li { a href=(address(&act.record)) { (vocabulary::kind(act.kind)) } ", " (date::day(act.claimed_at)) }
                    }
                }
            }
        }
    }
}
