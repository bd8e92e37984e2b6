use super::part::{CONTACT, MONEY, PLACE, topic};
use super::vocabulary::{CONSTRAINT, COOPERATION, NEED_STATUS};
use super::{Kind, Role, Shape, list, optional, required};

pub(super) const KIND: Kind = Kind {
    number: 34,
    name: "need",
    summary: "A problem for which a local government seeks help or partners.",
    fields: &[
        required("title", "Title", Shape::Localised(100)).role(Role::Title),
        required("problem", "The problem", Shape::Localised(4000)),
        topic(required("topic", "Topic", Shape::Topic)),
        required("status", "Status", Shape::Code(&NEED_STATUS)),
        optional("places", "Where", list(&PLACE, 32)),
        optional("constraints", "What is lacking", list(&Shape::Code(&CONSTRAINT), 7)),
        optional("forms_sought", "Forms of cooperation that are sought", list(&Shape::Code(&COOPERATION), 17))
            .role(Role::Cooperation),
        optional("tried", "What was tried already", Shape::Localised(4000)),
        optional("budget", "Budget", MONEY),
        optional("deadline", "Help is needed by", Shape::Date),
        optional("contact", "Whom to ask", CONTACT),
    ],
    example: r#"{"title":{"en":"A shared building inspector"},"problem":{"en":"We cannot fill the post alone."},"topic":610,"status":"open",
"places":[{"code":"PL213","vintage":2024,"name":"Kraków"}],"constraints":["people","expertise"],
"forms_sought":["joint_organ","contract"],"tried":{"en":"Two calls without an applicant."},
"budget":{"amount":12000000,"currency":"PLN","year":2026},"deadline":"2027-01-31",
"contact":{"role":{"en":"Secretary's office"},"email":"sekretariat@dolna.example","phone":"+48 12 000 00 00"}}"#,
};
