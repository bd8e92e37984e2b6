use super::part::{CONTACT, MONEY};
use super::vocabulary::STAGE;
use super::{Kind, Role, Shape, optional, required};

const COST: Shape = Shape::Group(&[optional("one_off", "Once", MONEY), optional("annual", "Each year", MONEY)]);

pub(super) const KIND: Kind = Kind {
    number: 36,
    name: "adoption",
    summary: "How far an organisation took over another's practice, and what it changed.",
    fields: &[
        required("practice", "The practice", Shape::Reference).role(Role::Subject),
        required("stage", "Stage", Shape::Code(&STAGE)),
        required("kept", "What was kept", Shape::Localised(4000)),
        required("changed", "What was changed", Shape::Localised(4000)),
        optional("why_stopped", "Why it was stopped or rejected", Shape::Localised(4000)),
        optional("cost", "What it cost", COST),
        optional("results", "Results", Shape::Localised(4000)),
        optional("advice", "Advice to the next", Shape::Localised(4000)),
        optional("contact", "Whom to ask", CONTACT),
    ],
    example: r#"{"practice":"2222222222222222222222222222222222222222222222222222222222222222","stage":"stopped",
"kept":{"en":"The contract."},"changed":{"en":"Costs are shared by inhabitants."},
"why_stopped":{"en":"One of three communes left."},
"cost":{"one_off":{"amount":90000,"currency":"EUR","year":2025},"annual":{"amount":310000,"currency":"EUR","year":2025}},
"results":{"en":"Collection twice a week in two communes."},"advice":{"en":"Let the contract run for five years at least."},
"contact":{"role":{"en":"Technical department"},"email":"technical@valea-lina.example","phone":"+40 264 000 000"}}"#,
};
