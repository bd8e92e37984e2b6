use super::{Kind, Shape, optional, required};

pub(super) const KIND: Kind = Kind {
    number: 35,
    name: "offer",
    summary: "What a local government has to give: expertise, staff, equipment, a visit.",
    fields: &[
        required(
            "type",
            "Type",
            Shape::Code(&[
                "expertise",
                "peer_visit",
                "mentoring",
                "staff_sharing",
                "equipment",
                "tool",
                "joint_procurement",
                "training",
                "hosting",
            ]),
        ),
        required("description", "Description", Shape::Localised(4000)),
        optional("reach", "Who can take it up", Shape::Localised(1000)),
        optional("languages", "In which languages", Shape::List(&Shape::Language, 16)),
        optional("capacity", "How much there is", Shape::Localised(1000)),
        optional("price", "Price", Shape::Localised(1000)),
        optional("until", "Until", Shape::Date),
    ],
    example: r#"{"type":"peer_visit","description":{"pl":"Pokażemy naszą wspólną oczyszczalnię."},"languages":["pl","en"],"until":"2027-06-30"}"#,
};
