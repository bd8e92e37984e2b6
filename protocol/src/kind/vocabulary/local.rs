//! Vocabularies of local government and of mutual learning.

use super::Vocabulary;

/// How local governments work together, from an informal arrangement to an amalgamation.
pub const COOPERATION: Vocabulary = Vocabulary {
    name: "cooperation",
    title: "Form of cooperation",
    terms: &[
        ("informal", "Informal arrangement"),
        ("protocol", "Protocol or memorandum"),
        ("contract", "Contract between local governments"),
        ("delegation", "Delegation of a task to another local government"),
        ("joint_organ", "Joint organ or shared post"),
        ("shared_service_centre", "Shared service centre"),
        ("joint_company", "Joint company"),
        ("single_purpose_body", "Body for one purpose"),
        ("multi_purpose_body", "Body for several purposes"),
        ("integrated_intercommunality", "Integrated intercommunality with own taxes"),
        ("metropolitan", "Metropolitan cooperation"),
        ("association_of_local_governments", "Association of local governments"),
        ("association_of_associations", "Association of associations"),
        ("national_local_partnership", "Partnership of national and local government"),
        ("public_private_civic", "Partnership with business or civil society"),
        ("cross_border", "Cooperation across borders, such as an EGTC"),
        ("amalgamation", "Amalgamation"),
    ],
};

/// What came of a practice.
pub const OUTCOME: Vocabulary = Vocabulary {
    name: "outcome",
    title: "Outcome",
    terms: &[
        ("worked", "It worked"),
        ("partly", "It worked in part"),
        ("did_not_work", "It did not work"),
        ("too_early", "Too early to say"),
    ],
};

/// Bands of inhabitants; the lower bound belongs to the band.
pub const POPULATION: Vocabulary = Vocabulary {
    name: "population",
    title: "Inhabitants",
    terms: &[
        ("0-1000", "Under 1,000"),
        ("1000-5000", "1,000 to 5,000"),
        ("5000-20000", "5,000 to 20,000"),
        ("20000-100000", "20,000 to 100,000"),
        ("100000-", "100,000 and more"),
    ],
};

/// What an organisation is.
pub const ORGANISATION_TYPE: Vocabulary = Vocabulary {
    name: "organisation_type",
    title: "Type of organisation",
    terms: &[
        ("municipality", "Municipality"),
        ("county_or_region", "County or region"),
        ("association", "Association of local governments"),
        ("shared_service", "Shared service body"),
        ("national", "National authority"),
        ("agency", "Public agency"),
        ("university", "University or research institute"),
        ("other", "Other"),
    ],
};

/// What stands in the way of solving a problem alone.
pub const CONSTRAINT: Vocabulary = Vocabulary {
    name: "constraint",
    title: "What is lacking",
    terms: &[
        ("people", "People"),
        ("money", "Money"),
        ("expertise", "Expertise"),
        ("know_how", "Practical know-how"),
        ("infrastructure", "Infrastructure"),
        ("technology", "Technology"),
        ("law", "A basis in law"),
    ],
};

/// Where a need stands.
pub const NEED_STATUS: Vocabulary = Vocabulary {
    name: "need_status",
    title: "Status of a need",
    terms: &[("open", "Open"), ("matched", "A partner was found"), ("closed", "Closed")],
};

/// What is offered.
pub const OFFER_TYPE: Vocabulary = Vocabulary {
    name: "offer_type",
    title: "Type of offer",
    terms: &[
        ("expertise", "Expertise"),
        ("peer_visit", "Visit among peers"),
        ("mentoring", "Mentoring"),
        ("staff_sharing", "Sharing of staff"),
        ("equipment", "Equipment"),
        ("tool", "Tool or software"),
        ("joint_procurement", "Joint procurement"),
        ("training", "Training"),
        ("hosting", "Hosting of a service"),
    ],
};

/// How far an adoption has come.
pub const STAGE: Vocabulary = Vocabulary {
    name: "stage",
    title: "Stage of an adoption",
    terms: &[
        ("interested", "Interested"),
        ("planning", "Planning"),
        ("piloting", "Piloting"),
        ("operating", "In operation"),
        ("stopped", "Stopped"),
        ("rejected", "Rejected"),
    ],
};

/// How a translation was made.
pub const METHOD: Vocabulary = Vocabulary {
    name: "method",
    title: "Method of translation",
    terms: &[("human", "By a human"), ("machine", "By a machine"), ("post_edited", "By a machine, corrected by a human")],
};

/// As whom somebody gives an opinion.
pub const REVIEWER: Vocabulary = Vocabulary {
    name: "reviewer",
    title: "Role of a reviewer",
    terms: &[
        ("expert", "Expert"),
        ("peer", "Peer from another local government"),
        ("adopter", "Adopter of the practice"),
        ("auditor", "Auditor"),
        ("funder", "Funder"),
    ],
};
