//! What a paper decides, in words that whoever signs it can judge. All of it comes from the text that the signatures cover; names of
//! organisations come from the node and stand beside their ids.

use super::decision::Decision;
use super::names::Names;
use super::terms;
use crate::utc::day_or_moment;
use koinon_protocol::trust::act::Listed;
use koinon_protocol::trust::attestation::Mandate;
use koinon_protocol::trust::charter::Charter;
use koinon_protocol::trust::closing::Closing;
use koinon_protocol::trust::inception::Guardians;
use koinon_protocol::trust::keys::Succeeding;
use koinon_protocol::trust::revocation::Revocation;
use koinon_protocol::trust::suspension::Suspension;

const DAY: u64 = 24 * 60 * 60 * 1000;

/// A paragraph each; lines that belong below one begin with blanks. `before` is the charter that an amendment follows, when it is known.
pub fn words(decision: &Decision, before: Option<&Charter>, names: &Names<'_>) -> Vec<String> {
    let mut says = match decision {
        Decision::Rotation(said) => succeeding(&said.0, "It gets new root keys. The present ones act no more.", names),
        Decision::Recovery(said) => recovery(&said.0, names),
        Decision::Confirmation(said) => {
            vec![format!("The recovery {} takes effect: the guardians have waited for as long as they had to.", said.recovery)]
        }
        Decision::Veto(said) => vec![
            format!("The recovery {} must not take effect, now or later: the roots that it would replace object.", said.recovery),
            why(&said.ground),
        ],
        Decision::Revocation(said) => revocation(said),
        Decision::Closing(said) => closing(said, names),
        Decision::Suspension(said) => suspension(said, names),
        Decision::Amendment(said) => {
            let mut says = vec![format!(
                "The charter of the network changes from {} on. This is amendment {}.",
                day_or_moment(said.from),
                said.number
            )];
            says.extend(terms::changes(before, &said.charter, names.wanted()));
            says
        }
    };
    says.push(mandate(decision.mandate()));
    says
}

/// The decision behind it, in a sentence.
pub fn mandate(mandate: &Mandate) -> String {
    let document = mandate.attachment.map(|digest| format!(" Its document has the SHA-256 {digest}.")).unwrap_or_default();
    format!("Decided by resolution {} of {}.{document}", mandate.resolution, mandate.date)
}

fn why(ground: &str) -> String {
    format!("Why: {ground}")
}

fn succeeding(said: &Succeeding, headline: &str, names: &Names<'_>) -> Vec<String> {
    let mut says = vec![headline.to_owned(), format!("From then on {} of these {} must sign:", said.threshold, said.roots.len())];
    says.extend(said.roots.iter().map(|root| format!("  {root}")));
    says.push(format!("Those that come after them are committed to; their digest is {}.", said.next_roots));
    says.extend(guardians(&said.guardians, names));
    says.extend(devices("These keys speak for it from then on, and no others:", &said.devices));
    if !said.withdraws.is_empty() {
        says.push("These suspensions of earlier roots no longer count:".into());
        says.extend(said.withdraws.iter().map(|name| format!("  {name}")));
    }
    says
}

fn recovery(said: &Succeeding, names: &Names<'_>) -> Vec<String> {
    let headline = "Its guardians propose new root keys, since it lost its own. They must wait, and confirm it; the present roots can veto it.";
    succeeding(said, headline, names)
}

/// Who can recover an organisation, in sentences.
pub fn guardians(guardians: &Guardians, names: &Names<'_>) -> Vec<String> {
    if guardians.members.is_empty() {
        return vec!["It has no guardians: nobody can recover it when its roots are lost.".into()];
    }
    let days = guardians.delay.div_ceil(DAY);
    let (threshold, count) = (guardians.threshold(), guardians.members.len());
    let mut says =
        vec![format!("{threshold} of these {count} guardians can recover it, after {days} days in which its roots can object:")];
    says.extend(guardians.members.iter().map(|each| format!("  {}, with the key {}", names.full(each.organisation), each.key)));
    says
}

fn devices(headline: &str, devices: &[Listed]) -> Vec<String> {
    if devices.is_empty() {
        return vec!["No key speaks for it from then on, until its roots add one.".into()];
    }
    let mut says = vec![headline.to_owned()];
    says.extend(devices.iter().map(|each| {
        let label = if each.label.is_empty() { String::new() } else { format!("{}: ", each.label) };
        let until = each.last.map_or(String::new(), |last| format!(", up to its record {} at place {}", last.id, last.seq));
        format!("  {label}{}{until}", each.device)
    }));
    says
}

fn revocation(said: &Revocation) -> Vec<String> {
    let what = match said.last {
        Some(last) => format!(
            "What it signed up to place {} of its log, the record {}, still counts. What it signed after that does not, whatever date it gives.",
            last.seq, last.id
        ),
        None => "Nothing that it signed counts, what it signed before this included.".into(),
    };
    vec![format!("The key {} no longer speaks for it.", said.device), what, why(&said.ground)]
}

fn closing(said: &Closing, names: &Names<'_>) -> Vec<String> {
    let mut says = vec!["The organisation ends. What it published stays, and it publishes nothing more.".to_owned()];
    if said.successors.is_empty() {
        says.push("Nobody succeeds it.".into());
    } else {
        says.push("It is succeeded by these, once each of them and an association that is neither side have agreed:".into());
        says.extend(said.successors.iter().map(|each| format!("  {}", names.full(*each))));
    }
    says.extend(devices("Its keys, and the last record of each that counts:", &said.devices));
    says.push(why(&said.ground));
    says
}

fn suspension(said: &Suspension, names: &Names<'_>) -> Vec<String> {
    let until = said.until.map_or("until it is withdrawn".to_owned(), |until| format!("until {}", day_or_moment(until)));
    vec![
        format!("It no longer vouches for {}, from {} {until}.", names.full(said.subject), day_or_moment(said.from)),
        "Who stands on that alone cannot publish meanwhile, nor can those whom they vouched for.".into(),
        why(&said.ground),
    ]
}
