use super::vocabulary::REVIEWER;
use super::{Kind, Role, Shape, optional, required};

const SCORE: Shape = Shape::Integer(1, 5);

const SCORES: Shape = Shape::Group(&[
    optional("relevance", "Relevance", SCORE),
    optional("integrated", "Integrated approach", SCORE),
    optional("participative", "Participative approach", SCORE),
    optional("impact", "Impact", SCORE),
    optional("transferability", "Transferability", SCORE),
]);

pub(super) const KIND: Kind = Kind {
    number: 38,
    name: "review",
    summary: "An opinion on a record, with the reviewer's interest declared.",
    fields: &[
        required("of", "The record that is reviewed", Shape::Reference).role(Role::Subject),
        required("role", "As whom", Shape::Code(&REVIEWER)),
        required("interest", "Interest in the matter", Shape::Localised(1000)).help("Say so when there is none."),
        required("opinion", "Opinion", Shape::Localised(4000)),
        optional("scores", "Scores, 1 (low) to 5 (high)", SCORES),
    ],
    example: r#"{"of":"3333333333333333333333333333333333333333333333333333333333333333","role":"peer","interest":{"en":"None."},
"opinion":{"en":"Convincing for communes that are close to each other."},
"scores":{"relevance":5,"integrated":3,"participative":3,"impact":4,"transferability":4}}"#,
};
