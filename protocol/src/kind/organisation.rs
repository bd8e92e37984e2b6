use super::part::{CONTACT, LINK, PLACE, POPULATION};
use super::vocabulary::ORGANISATION_TYPE;
use super::{Kind, Role, Shape, list, optional, required};

const IDENTIFIER: Shape = Shape::Group(&[
    required("scheme", "Register", Shape::Text(60)).help("Such as SIRUTA, SIREN, KRS."),
    required("value", "Number in it", Shape::Text(60)),
]);

pub(super) const KIND: Kind = Kind {
    number: 32,
    name: "organisation",
    summary: "Who an organisation is: its type, its place, how many it serves.",
    fields: &[
        required("name", "Name", Shape::Localised(200)).role(Role::Title),
        required("type", "Type", Shape::Code(&ORGANISATION_TYPE)),
        required("country", "Country", Shape::Country),
        required("places", "Where", list(&PLACE, 32)),
        optional("population", "How many people it serves", POPULATION),
        optional("identifiers", "Numbers in public registers", list(&IDENTIFIER, 8)),
        optional("languages", "Languages it works in", list(&Shape::Language, 16)),
        optional("services", "What it provides", Shape::Localised(4000)),
        optional("mailbox", "E-mail address", Shape::Email).help("Of an office and not of a person."),
        optional("contact", "Whom to ask", CONTACT),
        optional("links", "Web pages", list(&LINK, 16)),
    ],
    example: r#"{"name":{"ro":"Comuna Valea Lină"},"type":"municipality","country":"RO",
"places":[{"code":"RO113","vintage":2024,"name":"Cluj"}],
"population":{"inhabitants":3120,"year":2024,"source":"National census"},
"identifiers":[{"scheme":"SIRUTA","value":"57706"}],"languages":["ro","hu"],
"services":{"ro":"Salubritate, apă, asistență socială."},"mailbox":"primaria@valea-lina.example",
"contact":{"role":{"ro":"Compartimentul de cooperare"},"email":"cooperare@valea-lina.example","phone":"+40 264 000 000"},
"links":[{"url":"https://valea-lina.example","title":{"ro":"Pagina comunei"}}]}"#,
};
