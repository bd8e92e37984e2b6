use super::{Kind, PLACE, Shape, optional, required};

const POPULATION: Shape = Shape::Group(&[
    required("inhabitants", "Inhabitants", Shape::Integer(0, 100_000_000)),
    required("year", "In the year", Shape::Integer(1900, 2100)),
    required("source", "Source", Shape::Text(200)),
]);

const IDENTIFIER: Shape =
    Shape::Group(&[required("scheme", "Register", Shape::Text(60)), required("value", "Number in it", Shape::Text(60))]);

pub(super) const KIND: Kind = Kind {
    number: 32,
    name: "organisation",
    summary: "Who an organisation is: its type, its place, how many it serves.",
    fields: &[
        required("name", "Name", Shape::Localised(200)),
        required(
            "type",
            "Type",
            Shape::Code(&[
                "municipality",
                "county_or_region",
                "association",
                "shared_service",
                "national",
                "agency",
                "university",
                "other",
            ]),
        ),
        required("country", "Country", Shape::Country),
        required("places", "Where", Shape::List(&PLACE, 32)),
        optional("population", "Population", POPULATION),
        optional("identifiers", "Identifiers", Shape::List(&IDENTIFIER, 8)),
        optional("languages", "Languages it works in", Shape::List(&Shape::Language, 16)),
        optional("mailbox", "Functional e-mail address, of an office and not of a person", Shape::Text(254)),
    ],
    example: r#"{"name":{"ro":"Comuna Valea Lină"},"type":"municipality","country":"RO","places":[{"code":"RO113","vintage":2024}],
"population":{"inhabitants":3120,"year":2024,"source":"national census"},"languages":["ro","hu"]}"#,
};
