use super::vocabulary::METHOD;
use super::{Kind, Role, Shape, list, required};

const TRANSLATED: Shape = Shape::Group(&[
    required("field", "Field of the original", Shape::Pointer)
        .help("A JSON pointer without the language: /title, /indicators/0/name."),
    required("text", "The text", Shape::Text(8000)),
]);

pub(super) const KIND: Kind = Kind {
    number: 37,
    name: "translation",
    summary: "A record's text in another language.",
    fields: &[
        required("of", "The record that is translated", Shape::Reference).role(Role::Subject),
        required("language", "Into", Shape::Language).role(Role::Language),
        required("method", "How", Shape::Code(&METHOD)),
        required("fields", "The fields", list(&TRANSLATED, 64)),
    ],
    example: r#"{"of":"3333333333333333333333333333333333333333333333333333333333333333","language":"fi","method":"human",
"fields":[{"field":"/title","text":"Yksi jäteauto kolmelle kunnalle"}]}"#,
};
