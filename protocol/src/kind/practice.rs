use super::part::{CONTACT, LINK, MONEY, PLACE, POPULATION, topic};
use super::vocabulary::{COOPERATION, OUTCOME};
use super::{Kind, Role, Shape, list, optional, required};

/// Digits of a figure: no budget or count of a local government needs more.
const DIGITS: usize = 18;

const INDICATOR: Shape = Shape::Group(&[
    required("name", "What is measured", Shape::Localised(200)),
    required("unit", "Unit", Shape::Text(40)),
    required("value", "Value", Shape::Decimal(DIGITS)),
    required("year", "Measured in the year", Shape::Year),
    optional("baseline", "Value before", Shape::Decimal(DIGITS)),
    optional("baseline_year", "Measured before in the year", Shape::Year),
    optional("method", "How it was measured", Shape::Localised(1000)),
    optional("source", "Source", Shape::Text(500)),
]);

const COST: Shape = Shape::Group(&[
    optional("fte", "Staff, in full-time posts", Shape::Decimal(9)),
    optional("one_off", "Cost once", MONEY),
    optional("annual", "Cost each year", MONEY),
    optional("funding", "Who paid", Shape::Localised(1000)),
]);

const PRECONDITIONS: Shape = Shape::Group(&[
    optional("law", "What the law must allow", Shape::Localised(1000)),
    optional("population", "For how many people it pays", Shape::Localised(500)),
    optional("density", "For how dense or sparse a settlement", Shape::Localised(500)),
    optional("other", "What else must be there", Shape::Localised(1000)),
]);

pub(super) const KIND: Kind = Kind {
    number: 33,
    name: "practice",
    summary: "What a local government did about a problem, and what came of it.",
    fields: &[
        required("title", "Title", Shape::Localised(100)).role(Role::Title),
        required("summary", "Summary", Shape::Localised(1000)).help("Two or three sentences for who has a minute."),
        required("problem", "The problem", Shape::Localised(4000)),
        required("solution", "What was done", Shape::Localised(8000)),
        required("institution", "The institution that did it", Shape::Reference).help("The id of its organisation."),
        required("places", "Where", list(&PLACE, 32)),
        topic(required("topic", "Topic", Shape::Topic)),
        required("start", "Begun on", Shape::Date),
        required("outcome", "Outcome", Shape::Code(&OUTCOME))
            .role(Role::Outcome)
            .help("What did not work is as useful to others as what did."),
        required("evidence", "How the outcome is known", Shape::Localised(4000)),
        required("resources", "What it took", Shape::Localised(2000)).help("In words; figures are asked below."),
        required("difficulties_lessons", "Difficulties and lessons", Shape::Localised(4000)),
        required("transfer_potential", "What others can take over", Shape::Localised(4000)),
        required("last_confirmed", "Last confirmed on", Shape::Date)
            .help("The day on which somebody last made sure that this is so."),
        optional("cooperation_form", "Form of cooperation", Shape::Code(&COOPERATION)).role(Role::Cooperation),
        optional("population", "How many people it serves", POPULATION),
        optional("indicators", "Figures", list(&INDICATOR, 32)),
        optional("cost", "What it cost", COST),
        optional("stakeholders", "Who took part", Shape::Localised(2000)).help("Organisations and groups, not persons."),
        optional("preconditions", "What must be there first", PRECONDITIONS),
        optional("not_suitable_when", "Not suitable when", Shape::Localised(4000)),
        optional("legal_basis", "Legal basis", Shape::Localised(2000)).help("Act, article and country."),
        optional("policy_instrument", "Plan, programme or regulation that it belongs to", Shape::Localised(1000)),
        optional("derived_from", "The practice it was derived from", Shape::Reference),
        optional("links", "Web pages", list(&LINK, 16)),
        optional("contact", "Whom to ask", CONTACT),
        optional("review_by", "To be reviewed by", Shape::Date),
    ],
    example: r#"{"title":{"en":"One waste lorry for three communes"},"summary":{"en":"Three communes share a lorry and its crew."},
"problem":{"en":"None could replace its lorry alone."},"solution":{"en":"A joint contract, with costs shared by weight."},
"institution":"1111111111111111111111111111111111111111111111111111111111111111",
"places":[{"code":"RO113","vintage":2024,"name":"Cluj"}],
"topic":510,"start":"2023-03-01","outcome":"worked","evidence":{"en":"Cost per tonne fell in the first year."},
"resources":{"en":"Half a post, and the lorry."},"difficulties_lessons":{"en":"Agree the cost key before the purchase."},
"transfer_potential":{"en":"The contract and the cost key."},"last_confirmed":"2026-05-04","cooperation_form":"contract",
"population":{"inhabitants":9400,"year":2024,"source":"National census"},
"indicators":[{"name":{"en":"Cost of collection"},"unit":"EUR per tonne","value":"61.50","year":2025,"baseline":"80",
"baseline_year":2022,"method":{"en":"Accounts divided by weighed tonnes"},"source":"Annual accounts of the three communes"}],
"cost":{"fte":"0.5","one_off":{"amount":18000000,"currency":"EUR","year":2023},
"annual":{"amount":4200000,"currency":"EUR","year":2025},"funding":{"en":"Own funds, by inhabitants."}},
"stakeholders":{"en":"Three communes and the county's waste association."},
"preconditions":{"law":{"en":"Communes may contract with each other without a tender."},"population":{"en":"From about 6,000."},
"density":{"en":"Villages at most 15 km apart."},"other":{"en":"A weighbridge."}},
"not_suitable_when":{"en":"Collection days cannot be moved."},"legal_basis":{"en":"Romania, Administrative Code, article 89."},
"policy_instrument":{"en":"County waste management plan."},
"derived_from":"2222222222222222222222222222222222222222222222222222222222222222",
"links":[{"url":"https://waste.example/contract","title":{"en":"The contract"}}],
"contact":{"role":{"en":"Technical department"},"email":"technical@valea-lina.example","phone":"+40 264 000 000"},
"review_by":"2027-05-04"}"#,
};
