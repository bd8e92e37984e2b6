//! Headings, labels and the names of things.

pub(crate) const HOME: &str = "Home";
pub(crate) const SKIP: &str = "Skip to the content";
pub(crate) const NAVIGATION: &str = "Main";
pub(crate) const BREADCRUMBS: &str = "Where you are";
pub(crate) const PRACTICES: &str = "Practices";
pub(crate) const NEEDS: &str = "Needs";
pub(crate) const OFFERS: &str = "Offers";
pub(crate) const NETWORK: &str = "Network";
pub(crate) const NODE: &str = "This node";
pub(crate) const HELP: &str = "Help";
pub(crate) const FOOTER_LINKS: [(&str, &str); 6] = [
    ("/help", HELP),
    ("/accessibility", "Accessibility"),
    ("/privacy", "Privacy"),
    ("/network", NETWORK),
    ("/node", NODE),
    ("/api/v1/openapi.json", "API"),
];
pub(crate) const NEVER: &str = "without end";

pub(crate) const KIND_CHARTER: &str = "Charter";
pub(crate) const KIND_INCEPTION: &str = "Founding of an organisation";
pub(crate) const KIND_DEVICE: &str = "Device of an organisation";
pub(crate) const KIND_ATTESTATION: &str = "Attestation";
pub(crate) const KIND_ERASURE: &str = "Erasure";
pub(crate) const KIND_NOTICE: &str = "Notice";
pub(crate) const SEARCH: &str = "Search";
pub(crate) const SEARCH_LABEL: &str = "Search in any language";
pub(crate) const FILTERS: &str = "Narrow the results";
pub(crate) const ACTIVE_FILTERS: &str = "Filters in force";
pub(crate) const REMOVE_FILTER: &str = "Remove";
pub(crate) const REMOVE_ALL: &str = "Remove all";
pub(crate) const PAGES: &str = "Pages";
pub(crate) const PREVIOUS_PAGE: &str = "Previous";
pub(crate) const NEXT_PAGE: &str = "Next";
pub(crate) const NEWEST_PAGE: &str = "Newest";
pub(crate) const OLDER_PAGE: &str = "Older";

pub(crate) const QUESTION: &str = "What would you like to improve?";
pub(crate) const EXAMPLES: &str = "For example";
pub(crate) const EXAMPLE_TOPICS: [(&str, &str); 4] = [
    ("/search?q=waste", "waste"),
    ("/search?q=water", "water"),
    ("/search?q=building%20permits", "building permits"),
    ("/search?q=home%20care", "home care"),
];
pub(crate) const NEWEST_PRACTICES: &str = "Newest practices";
pub(crate) const ALL_PRACTICES: &str = "All practices";
pub(crate) const OPEN_NEEDS: &str = "Who looks for help";
pub(crate) const ALL_NEEDS: &str = "All needs";
pub(crate) const OPEN_OFFERS: &str = "Who offers help";
pub(crate) const ALL_OFFERS: &str = "All offers";
pub(crate) const FIGURE_RECORDS: &str = "signed records";
pub(crate) const FIGURE_ORGANISATIONS: &str = "organisations";
pub(crate) const FIGURE_COUNTRIES: &str = "countries";
pub(crate) const FIGURE_LANGUAGES: &str = "languages";

pub(crate) const ABOUT_RECORD: &str = "About this record";
pub(crate) const READ_IN: &str = "Read in";
pub(crate) const AS_SIGNED: &str = "The text as it was signed";
pub(crate) const WHAT_IT_SAYS: &str = "What it says";
pub(crate) const AT_A_GLANCE: &str = "At a glance";
pub(crate) const NEWER_VERSIONS: &str = "Newer versions";
pub(crate) const ADOPTIONS: &str = "Who took it over";
pub(crate) const REVIEWS: &str = "Reviews";
pub(crate) const DERIVED: &str = "Derived by others";
pub(crate) const TRANSLATIONS: &str = "Translations";
pub(crate) const OTHERS: &str = "Also about this record";
pub(crate) const ILLUSTRATIVE_TAG: &str = "Illustrative";
pub(crate) const YES: &str = "Yes";
pub(crate) const NO: &str = "No";
pub(crate) const NOTHING: &str = "–";

pub(crate) const PROVENANCE: &str = "Where this comes from";
pub(crate) const SIGNED_BY: &str = "Signed by";
pub(crate) const ON: &str = "on";
pub(crate) const UNCHANGED: &str = "content unchanged";
pub(crate) const VOUCHED_BY: &str = "Vouched for by";
pub(crate) const UNTIL: &str = "until";
pub(crate) const CHARTER: &str = "charter";
pub(crate) const CHARTER_OF: &str = "The charter of";
pub(crate) const TECHNICAL: &str = "Technical details";
pub(crate) const RAW_RECORD: &str = "The record from the API";
pub(crate) const GET_BUNDLE: &str = "Download the proof";
pub(crate) const GET_FILE: &str = "Download the record";
pub(crate) const SEE_TRANSLATION: &str = "See the translation.";
pub(crate) const TRANSLATED_BY: &str = "Translated by";
pub(crate) const PREVIOUS_RECORD: &str = "the record before it";
pub(crate) const ROW_ID: &str = "Id";
pub(crate) const ROW_ORGANISATION: &str = "Organisation";
pub(crate) const ROW_DEVICE: &str = "Signing key";
pub(crate) const ROW_CLAIMED: &str = "Claimed time";
pub(crate) const ROW_WITNESSED: &str = "Proven time";
pub(crate) const ROW_LOG: &str = "Place in its author's log";
pub(crate) const ROW_JOURNAL: &str = "Place here";
pub(crate) const ROW_KIND: &str = "Kind";
pub(crate) const ROW_BODY: &str = "Length";
pub(crate) const ROW_SUBJECT: &str = "About";
pub(crate) const SIGNS: &str = "What it signs";
pub(crate) const ROW_CHECKPOINT: &str = "Latest checkpoint";
pub(crate) const ROW_LOG_KEY: &str = "Key of its log";
pub(crate) const ROW_WITNESS_KEY: &str = "Key as a witness of others";
pub(crate) const ROW_WITNESSES: &str = "Its witnesses";
pub(crate) const FIRST_CHECKPOINT: &str = "one checkpoint";
pub(crate) const SECOND_CHECKPOINT: &str = "the other";
pub(crate) const NONE_YET: &str = "none yet";
pub(crate) const NOBODY: &str = "nobody";
pub(crate) const ROW_ROOTS: &str = "Acts with";
pub(crate) const ROW_DEVICES: &str = "Signing keys";
pub(crate) const ROW_NETWORK: &str = "Id of the network";

pub(crate) const ORGANISATION: &str = "Organisation";
pub(crate) const ABOUT_ORGANISATION: &str = "About this organisation";
pub(crate) const COUNTRY: &str = "Country";
pub(crate) const SINCE: &str = "Member since";
pub(crate) const ALSO: &str = "Also:";
pub(crate) const PROFILE: &str = "Profile";
pub(crate) const SEE_PROFILE: &str = "The signed profile";
pub(crate) const STANDING: &str = "Standing";
pub(crate) const LADDER: &str = "Who vouches, from the charter down";
pub(crate) const LADDER_CHARTER: &str = "what the network was founded on";
pub(crate) const LADDER_FOUNDER: &str = "a founder that the charter names";
pub(crate) const LADDER_VOUCHED: &str = "vouched for";
pub(crate) const VOUCHED_FOR_BY: &str = "Vouched for by";
pub(crate) const VOUCHES_FOR: &str = "Vouches for";
pub(crate) const PUBLISHED: &str = "Published";
pub(crate) const MAY_PUBLISH: &str = "May publish";
pub(crate) const MAY_NOT_PUBLISH: &str = "May not publish now";
pub(crate) const MAY_VOUCH: &str = "May vouch for others";
pub(crate) const MAY_NOT_VOUCH: &str = "Does not vouch for others";
pub(crate) const NOT_YET: &str = "not yet";
pub(crate) const ENDED: &str = "ended";
pub(crate) const COL_UNTIL: &str = "Until";
pub(crate) const COL_SINCE: &str = "Since";
pub(crate) const INCEPTION_RECORD: &str = "The record that founded it";

pub(crate) const FOUNDERS: &str = "Founders";
pub(crate) const NOT_JOINED: &str = "(has not joined yet)";
pub(crate) const AMENDMENT: &str = "Changed by";
pub(crate) const DEPTH: &str = "Vouching reaches";
pub(crate) const ADMISSION: &str = "Who may join";
pub(crate) const WITNESSES: &str = "Witnesses";
pub(crate) const LICENCE: &str = "Licence of contents";
pub(crate) const CHARTER_TITLE: &str = "The charter";
pub(crate) const GET_CHARTER: &str = "Download the signed charter";
pub(crate) const MEMBERS: &str = "Members";

pub(crate) const HOLDS: &str = "What it holds";
pub(crate) const PEERS: &str = "Connected nodes";
pub(crate) const ROW_RECORDS: &str = "Records";
pub(crate) const ROW_FOUND: &str = "Ready to be read and found";
pub(crate) const ROW_ROOT: &str = "Root of the journal";
pub(crate) const ROW_NAME: &str = "Name";
pub(crate) const ROW_VERSION: &str = "Program";
pub(crate) const COL_PEER: &str = "Node";
pub(crate) const COL_ADDRESS: &str = "Address";
pub(crate) const COL_PROGRAM: &str = "Program";
pub(crate) const COL_ROUND_TRIP: &str = "Round trip";
pub(crate) const DIALLED: &str = "called by this node";
pub(crate) const CAME: &str = "called this node";
pub(crate) const LACKS: &str = "goes without, though they have been here for an hour or longer:";
pub(crate) const GO_HOME: &str = "Go to the first page";
