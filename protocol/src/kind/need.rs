use super::{Kind, Shape, TOPIC, optional, required};

pub(super) const KIND: Kind = Kind {
    number: 34,
    name: "need",
    summary: "A problem for which a local government seeks help or partners.",
    fields: &[
        required("title", "Title", Shape::Localised(100)),
        required("problem", "The problem", Shape::Localised(4000)),
        required("topic", "Topic (COFOG)", TOPIC),
        required("status", "Status", Shape::Code(&["open", "matched", "closed"])),
        optional("deadline", "Help is needed by", Shape::Date),
    ],
    example: r#"{"title":{"en":"A shared building inspector"},"problem":{"en":"We cannot fill the post alone."},"topic":610,"status":"open"}"#,
};
