use super::{Kind, Shape, required};

const TRANSLATED: Shape = Shape::Group(&[
    required("field", "JSON pointer of the field in the original", Shape::Text(200)),
    required("text", "The text", Shape::Text(8000)),
]);

pub(super) const KIND: Kind = Kind {
    number: 37,
    name: "translation",
    summary: "A record's text in another language.",
    fields: &[
        required("of", "The record that is translated", Shape::Reference),
        required("language", "Into", Shape::Language),
        required("method", "How", Shape::Code(&["human", "machine", "post_edited"])),
        required("fields", "The fields", Shape::List(&TRANSLATED, 64)),
    ],
    example: r#"{"of":"3333333333333333333333333333333333333333333333333333333333333333","language":"fi","method":"human",
"fields":[{"field":"/title","text":"Yksi jäteauto kolmelle kunnalle"}]}"#,
};
