//! What an amendment changes in a charter.

use crate::language::pick;
use koinon_protocol::kind::Kind;
use koinon_protocol::trust::Localised;
use koinon_protocol::trust::charter::{Charter, Founder};

/// What changes, a sentence each; all terms when the charter before is not known.
pub fn changes(before: Option<&Charter>, after: &Charter, wanted: &[String]) -> Vec<String> {
    let Some(before) = before else {
        let mut says = vec!["The charter that it changes is not at hand, so all of the new one is shown:".to_owned()];
        says.extend(all(after, wanted).into_iter().map(|line| format!("  {line}")));
        return says;
    };
    let mut says = founders(before, after, wanted);
    if before.thresholds != after.thresholds || before.founders.len() != after.founders.len() {
        let (was, is) = (amendment(before), amendment(after));
        says.push(format!("Later amendments need {is}; until now {was}."));
    }
    for (label, was, is) in texts(before, after) {
        if was != is {
            says.extend(
                is.iter().filter(|(tag, text)| was.get(*tag) != Some(text)).map(|(tag, text)| format!("{label} ({tag}): {text}")),
            );
            says.extend(
                was.keys().filter(|tag| !is.contains_key(*tag)).map(|tag| format!("{label} is no longer given in '{tag}'.")),
            );
        }
    }
    if before.licence != after.licence {
        says.push(format!("The licence of contents is {}; until now {}.", after.licence, before.licence));
    }
    if before.depth != after.depth {
        says.push(format!(
            "At most {} attestations between a founder and an organisation; until now {}.",
            after.depth, before.depth
        ));
    }
    let news: Vec<_> = after.kinds.iter().filter(|kind| !before.kinds.contains(kind)).map(|kind| kind_name(*kind)).collect();
    let gone: Vec<_> = before.kinds.iter().filter(|kind| !after.kinds.contains(kind)).map(|kind| kind_name(*kind)).collect();
    for (what, kinds) in [("New kinds of records", news), ("Kinds of records that are no longer agreed on", gone)] {
        if !kinds.is_empty() {
            says.push(format!("{what}: {}.", kinds.join(", ")));
        }
    }
    if before.minimum_version != after.minimum_version {
        let version = after.minimum_version.map_or("No least version is asked of programs.".into(), |version| {
            format!("Programs must read version {version} of the protocol, or later.")
        });
        says.push(version);
    }
    if says.is_empty() {
        says.push("Nothing changes.".into());
    }
    says
}

/// A line for each term.
pub fn all(charter: &Charter, wanted: &[String]) -> Vec<String> {
    let mut says = vec![format!("Name: {}", pick(&charter.name, wanted))];
    for (label, text) in [("Purpose", &charter.purpose), ("Admission", &charter.admission), ("Witnesses", &charter.witnesses)] {
        if !text.is_empty() {
            says.push(format!("{label}: {}", pick(text, wanted)));
        }
    }
    says.extend(charter.founders.iter().map(|founder| format!("Founder: {}", name(founder, wanted))));
    says.push(format!("An amendment needs {}.", amendment(charter)));
    says.push(format!("Licence of contents: {}", charter.licence));
    says.push(format!("At most {} attestations between a founder and an organisation.", charter.depth));
    says.push(format!("Kinds: {}", charter.kinds.iter().map(|kind| kind_name(*kind)).collect::<Vec<_>>().join(", ")));
    says.extend(
        charter.minimum_version.map(|version| format!("Programs must read version {version} of the protocol, or later.")),
    );
    says
}

fn founders(before: &Charter, after: &Charter, wanted: &[String]) -> Vec<String> {
    let in_it = |charter: &Charter, founder: &Founder| charter.founders.iter().any(|other| other.key == founder.key);
    let joins = after.founders.iter().filter(|founder| !in_it(before, founder));
    let leaves = before.founders.iter().filter(|founder| !in_it(after, founder));
    let mut says: Vec<_> = joins.map(|founder| format!("New among the founders: {}.", name(founder, wanted))).collect();
    says.extend(leaves.map(|founder| format!("No longer a founder: {}.", name(founder, wanted))));
    let renamed = after.founders.iter().filter(|founder| in_it(before, founder) && !before.founders.contains(founder));
    says.extend(renamed.map(|founder| format!("Named anew: {}.", name(founder, wanted))));
    says
}

fn name(founder: &Founder, wanted: &[String]) -> String {
    format!("{} ({}), with the key {}", pick(&founder.name, wanted), founder.country, founder.key)
}

fn amendment(charter: &Charter) -> String {
    format!("{} of {} founders", charter.thresholds.amendment, charter.founders.len())
}

fn texts<'a>(before: &'a Charter, after: &'a Charter) -> [(&'static str, &'a Localised, &'a Localised); 4] {
    [
        ("Name", &before.name, &after.name),
        ("Purpose", &before.purpose, &after.purpose),
        ("Admission", &before.admission, &after.admission),
        ("Witnesses", &before.witnesses, &after.witnesses),
    ]
}

fn kind_name(number: u16) -> String {
    Kind::by_number(number).map_or_else(|| number.to_string(), |kind| kind.name.to_owned())
}
