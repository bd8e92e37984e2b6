//! Sentences: what happened, why, and what to do.

pub(crate) const FOOTER: &str = "records signed by those who wrote them, kept by every node, owned by none";
pub(crate) const PURPOSE: &str =
    "Find a town like yours that has already solved it – what it did, what it cost, and what did not work.";
pub(crate) const NO_PRACTICES: &str = "No practice has been published yet.";
pub(crate) const NO_NEEDS: &str = "Nobody looks for help at the moment.";
pub(crate) const NO_OFFERS: &str = "Nobody offers help at the moment.";

pub(crate) const NOTHING_FOUND: &str = "No record fits this search.";
pub(crate) const TRY_WITHOUT_FILTERS: &str = "Search again without the filters";
pub(crate) const TRY_FEWER_WORDS: &str = "Use fewer words: every word must be in the record";
pub(crate) const TRY_OTHER_LANGUAGE: &str = "Try the words in another language: most records are in the language of their author";
pub(crate) const TRY_EVERYTHING: &str = "See all records";

pub(crate) const NOT_HERE: &str = "(not on this node)";
pub(crate) const ILLUSTRATIVE_ADVICE: &str =
    "It was written to show how the network works. Its organisation, figures and experiences are made up.";
pub(crate) const NEWER: &str = "There is a newer version of this record.";
pub(crate) const BAD_RECORD: &str = "This record does not verify.";
pub(crate) const BAD_RECORD_ADVICE: &str =
    "Do not rely on it. This node may hold a damaged copy: tell its operator, and look for the record at another node.";
pub(crate) const NO_BODY: &str = "The text is not on this node.";
pub(crate) const NO_BODY_ADVICE: &str =
    "It has not arrived yet, or it was erased. That the record exists, who signed it and when can still be proven.";
pub(crate) const ERASED: &str = "Its author erased the text of this record.";
pub(crate) const NOTICED: &str = "The text of this record was removed by an organisation that moderates this network.";
pub(crate) const ERASED_IT_ON: &str = "erased it on";
pub(crate) const BY_LAW: &str = "under";
pub(crate) const BY_RESOLUTION: &str = "by resolution";
pub(crate) const OF: &str = "of";
pub(crate) const ERASED_ADVICE: &str =
    "It is gone for good, on every node that learns of it. That the record exists, who signed it and when can still be proven.";
pub(crate) const SILENT: &str = "Not yet confirmed by:";
pub(crate) const ERASED_WHY: &str = "See the signed erasure";
pub(crate) const ODD_BODY: &str = "This record is not filled in as its kind asks.";
pub(crate) const ODD_BODY_ADVICE: &str = "It is genuine and shown below as it was signed. Search does not find it.";

pub(crate) const FORKED: &str = "Its author has contradicted itself.";
pub(crate) const NOT_VOUCHED_TITLE: &str = "Nobody vouched for its author when this was signed.";
pub(crate) const NOT_VOUCHED: &str = "Not vouched for:";
pub(crate) const NO_STANDING_NOW: &str = "This organisation has no standing now.";
pub(crate) const NO_LONGER: &str = "That was so when it was signed; it no longer is.";
pub(crate) const NOT_WHEN_SEEN: &str =
    "It had standing at the time that it claims, and none when it was first proven to be here.";
pub(crate) const FOUNDER_BY: &str = "Named as a founder:";
pub(crate) const ONLY_CLAIMED: &str = "The date is its author's word.";
pub(crate) const SEEN_BY: &str = "Proven by";
pub(crate) const SEEN_UNTIL: &str = "to have been here by";
pub(crate) const NOT_PROVEN: &str = "not proven";
pub(crate) const GET_BUNDLE_ADVICE: &str = "– check it offline with koinon verify, without trusting this node.";
pub(crate) const GET_FILE_ADVICE: &str = "– what its author signed, byte for byte.";
pub(crate) const NOT_STANDING: &str = "This record does not stand.";
pub(crate) const NOT_STANDING_WHY: &str = "It rests on a log whose author signed two different records for one place, or on a key or a word \
    that was taken back by those who gave it. It is not listed or passed on.";
pub(crate) const WHY_UNKNOWN: &str = "the organisation is not known on this node.";
pub(crate) const WHY_NEVER: &str = "no organisation has vouched for it yet.";
pub(crate) const WHY_EXPIRED: &str = "the last attestation for it ended on";
pub(crate) const WHY_NOT_YET: &str = "the first attestation for it begins on";
pub(crate) const WHY_SUSPENDED: &str = "its attestation is suspended by";
pub(crate) const WHY_SCOPE: &str = "it is vouched for, but not for this.";
pub(crate) const WHY_DEPTH: &str = "it stands further below the founders than vouching reaches.";
pub(crate) const WHY_VOUCHER: &str = "whoever vouches for it may not vouch:";

pub(crate) const NO_PROFILE: &str = "It has not published a profile yet.";
pub(crate) const NOTHING_PUBLISHED: &str = "It has published nothing yet.";
pub(crate) const CHARTER_ADVICE: &str =
    "The founding document. Everybody who may publish here is vouched for along a path that begins with it.";
pub(crate) const MEMBERS_ADVICE: &str = "Every organisation that takes part, and who vouches for it.";

pub(crate) const NODE_ADVICE: &str =
    "One of the computers that keep a copy of everything. If it vanished, the others would lose nothing.";
pub(crate) const WELL: &str = "This node is well.";
pub(crate) const WELL_ADVICE: &str = "It takes new records, and what it has acknowledged survives a power cut.";
pub(crate) const READ_ONLY: &str = "This node takes no new records at the moment.";
pub(crate) const READ_ONLY_ADVICE: &str = "What it holds can still be read. Its operator should free space or check \
    the disk, and start it again; publish at another node until then.";
pub(crate) const ROOT_ADVICE: &str = "The root is a fingerprint of every record here in order. Who noted it down can \
    prove later that nothing was changed or removed.";
pub(crate) const SIGNS_ADVICE: &str = "A checkpoint is this node's signature under all that it holds; a witness that saw it adds its own, with the \
    time. Whoever keeps one can prove later that a record was here by then.";
pub(crate) const SPLIT_VIEW: &str = "A log showed two different journals.";
pub(crate) const SPLIT_VIEW_ADVICE: &str = "It signed two checkpoints that contradict each other. This node confirms nothing more of it. Do not rely \
    on what it alone shows, and ask whoever runs it; a node whose key was stolen, or whose data was put back, begins a new log.";
pub(crate) const OWN_SPLIT_VIEW: &str = "This node's own log contradicts itself.";
pub(crate) const OWN_SPLIT_VIEW_ADVICE: &str = "Two checkpoints that contradict each other bear its signature: its key runs elsewhere too, or \
    its data was put back. Nobody confirms it any more. Its operator should begin a new log, and tell others its key.";
pub(crate) const NO_PEERS: &str = "It is connected to no other node at the moment. Records from elsewhere arrive when it is.";

pub(crate) const NO_PAGE: &str = "There is no page here";
pub(crate) const NO_PAGE_ADVICE: &str = "Check the address, or search for what you were looking for.";
pub(crate) const BAD_ID: &str = "This address is not complete";
pub(crate) const BAD_ID_ADVICE: &str =
    "The address of a record or an organisation ends with 64 digits, 0-9 and a-f. Perhaps it was cut when it was copied.";
pub(crate) const NO_RECORD: &str = "This record is not on this node";
pub(crate) const NO_RECORD_ADVICE: &str =
    "It may not have arrived yet: try again in a few minutes, or open the same address at another node.";
pub(crate) const HIDDEN: &str = "This node does not show this record";
pub(crate) const HIDDEN_ADVICE: &str =
    "Whoever runs this node decided so, for this node alone. The record is kept and passed on, and other nodes may show it.";
pub(crate) const HIDDEN_WHY: &str = "The reason given:";
pub(crate) const NO_ORGANISATION: &str = "This organisation is not known here";
pub(crate) const NO_ORGANISATION_ADVICE: &str =
    "It may not have been vouched for yet, or word of it has not arrived. Try again in a few minutes.";
pub(crate) const METHOD: &str = "This page can only be read";
pub(crate) const METHOD_ADVICE: &str = "Records are published with the program koinon, which signs them on your own computer.";
pub(crate) const BROKEN: &str = "The page could not be made";
pub(crate) const BROKEN_ADVICE: &str =
    "The fault is on this node and nothing was lost. Try again in a moment; if it stays, tell the node's operator.";
