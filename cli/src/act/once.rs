//! What this computer's keys signed where only one decision may follow.
//!
//! A founder who signs two amendments for one place is proven to have contradicted himself, and two rotations of one key event leave an
//! organisation without roots: both for good. So the name of what was signed is kept here, before the signature is made.

use super::Act;
use crate::failure::Failure;
use crate::home::{Home, make_private_folder, read_bounded, replace, write_new};
use koinon_protocol::id::{DeviceKey, RecordId};

/// Bytes of a name in digits and a line feed.
const NAME: usize = 65;

/// Notes that `key` signs this paper. `instead_of` names the one that it signed before and that was destroyed.
///
/// # Errors
/// [`Failure::SignedAnother`], [`Failure::BadCopy`], [`Failure::File`].
pub fn note(home: &Home, act: &Act, key: DeviceKey, instead_of: Option<RecordId>) -> Result<(), Failure> {
    let Some(previous) = act.decision().follows_alone() else { return Ok(()) };
    let name = act.name();
    make_private_folder(&home.decided())?;
    let path = home.decided().join(format!("{}-{previous}-{key}", act.decision().kind()));
    let text = format!("{name}\n");
    match write_new(&path, text.as_bytes()) {
        Err(Failure::Exists(_)) => {}
        other => return other,
    }
    let kept = String::from_utf8_lossy(&read_bounded(&path, NAME)?).trim_end().parse::<RecordId>();
    let before = kept.map_err(|error| Failure::BadCopy { path: path.clone(), reason: error.to_string() })?;
    match before {
        same if same == name => Ok(()),
        other if instead_of == Some(other) => replace(&path, text.as_bytes()),
        other => Err(Failure::SignedAnother { before: other }),
    }
}
