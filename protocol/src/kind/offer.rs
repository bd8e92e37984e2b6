use super::part::{CONTACT, PLACE, topic};
use super::vocabulary::OFFER_TYPE;
use super::{Kind, Role, Shape, list, optional, required};

pub(super) const KIND: Kind = Kind {
    number: 35,
    name: "offer",
    summary: "What a local government has to give: expertise, staff, equipment, a visit.",
    fields: &[
        optional("title", "Title", Shape::Localised(100)).role(Role::Title),
        required("type", "Type", Shape::Code(&OFFER_TYPE)),
        required("description", "Description", Shape::Localised(4000)),
        topic(optional("topic", "Topic", Shape::Topic)),
        optional("places", "Where", list(&PLACE, 32)),
        optional("reach", "Who can take it up", Shape::Localised(1000)),
        optional("languages", "In which languages", list(&Shape::Language, 16)),
        optional("capacity", "How much there is", Shape::Localised(1000)),
        optional("price", "Price", Shape::Localised(1000)),
        optional("until", "Until", Shape::Date),
        optional("contact", "Whom to ask", CONTACT),
    ],
    example: r#"{"title":{"pl":"Wizyta w naszej oczyszczalni"},"type":"peer_visit",
"description":{"pl":"Pokażemy naszą wspólną oczyszczalnię."},"topic":520,
"places":[{"code":"PL213","vintage":2024,"name":"Kraków"}],"reach":{"pl":"Gminy do 20 tysięcy mieszkańców."},
"languages":["pl","en"],"capacity":{"pl":"Dwie wizyty na kwartał."},"price":{"pl":"Bezpłatnie; goście płacą za podróż."},
"until":"2027-06-30","contact":{"role":{"pl":"Wydział ochrony środowiska"},"email":"srodowisko@dolna.example","phone":"+48 12 000 00 00"}}"#,
};
