use super::{Kind, Shape, optional, required};

pub(super) const KIND: Kind = Kind {
    number: 36,
    name: "adoption",
    summary: "How far an organisation took over another's practice, and what it changed.",
    fields: &[
        required("practice", "The practice", Shape::Reference),
        required("stage", "Stage", Shape::Code(&["interested", "planning", "piloting", "operating", "stopped", "rejected"])),
        required("kept", "What was kept", Shape::Localised(4000)),
        required("changed", "What was changed", Shape::Localised(4000)),
        optional("why_stopped", "Why it was stopped", Shape::Localised(4000)),
        optional("results", "Results", Shape::Localised(4000)),
        optional("advice", "Advice to the next", Shape::Localised(4000)),
    ],
    example: r#"{"practice":"2222222222222222222222222222222222222222222222222222222222222222","stage":"piloting",
"kept":{"en":"The contract."},"changed":{"en":"Costs are shared by inhabitants."}}"#,
};
