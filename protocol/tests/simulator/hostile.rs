//! What a hostile peer says.

use koinon_protocol::id::RecordId;
use koinon_protocol::journal::Frontier;
use koinon_protocol::reconcile::{Item, Summary};
use koinon_protocol::replica::message::{Carried, Request, Response};
use sha2::{Digest, Sha256};

/// An answer that does not help, by a roll of ten; none at times.
pub(crate) fn answer(request: &Request, roll: u64, salt: [u8; 32]) -> Option<Response> {
    let ids = names(salt, 40);
    Some(match (roll, request) {
        (0, _) => return None,
        (1, _) => Response::Busy(u64::MAX),
        (2, _) => Response::Diverged,
        (3, _) => Response::Reconcile(salt.to_vec()),
        (_, Request::Pull { whole: true, .. }) => {
            Response::Whole { records: ids.into_iter().map(Carried::Named).collect(), size: u64::MAX, forks: Vec::new() }
        }
        (_, Request::Pull { .. }) => Response::Ids { ids, size: u64::MAX, forks: Vec::new() },
        (_, Request::Fetch { .. } | Request::FetchAt { .. }) => Response::Parcels { parcels: Vec::new(), unread: roll - 4 },
        (_, Request::Survey) => {
            let mut journal = Frontier::default();
            ids.iter().for_each(|id| journal.push(id));
            Response::Survey { frontier: journal.encode(), control: salt, content: salt }
        }
        // One plane's byte, and then one range over everything with these ids: what "need" looks like.
        (_, Request::Reconcile(message)) => {
            let mut ids = names(salt, 30);
            ids.sort_unstable();
            let mut answer = vec![message[0], 2 << 6 | 63, 30];
            ids.iter().for_each(|id| answer.extend(id.as_bytes()));
            Response::Reconcile(answer)
        }
        (_, Request::Control { .. }) => Response::Control { parcels: Vec::new(), more: true },
    })
}

/// A question that an honest replica would not ask.
pub(crate) fn question(roll: u64, salt: [u8; 32]) -> Request {
    match roll {
        0..3 => Request::Fetch { ids: names(salt, 3_000) },
        3..5 => Request::Reconcile(salt.to_vec()),
        5 => Request::FetchAt { from: u64::MAX - 9, bits: salt.to_vec() },
        6 => Request::FetchAt { from: 0, bits: vec![0xff; 3_000] },
        7 => Request::Pull { size: u64::MAX, root: salt, whole: true, forks: Summary::default() },
        _ => Request::Control { after: Item::LAST },
    }
}

fn names(salt: [u8; 32], count: u64) -> Vec<RecordId> {
    (0..count)
        .map(|number| RecordId(Sha256::new().chain_update(salt).chain_update(number.to_be_bytes()).finalize().into()))
        .collect()
}
