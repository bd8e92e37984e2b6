//! Fields that several kinds share.

use super::{Field, Role, Shape, optional, required};

/// A place by its code; the vintage is the year of the classification.
pub(super) const PLACE: Shape = Shape::Group(&[
    required("code", "NUTS or LAU code", Shape::Territory).role(Role::Territory),
    required("vintage", "Year of the classification", Shape::Year).help("Codes change: NUTS 2024 is not NUTS 2021."),
    optional("name", "Name of the place", Shape::Text(200)),
]);

/// Inhabitants, with the year they were counted in.
pub(super) const POPULATION: Shape = Shape::Group(&[
    required("inhabitants", "Inhabitants", Shape::Integer(0, 100_000_000)).role(Role::Population),
    required("year", "Counted in the year", Shape::Year),
    optional("source", "Source", Shape::Text(200)),
]);

/// Money in the smallest unit of its currency, at the prices of a year.
pub(super) const MONEY: Shape = Shape::Group(&[
    required("amount", "Amount in the smallest unit", Shape::Integer(0, 1_000_000_000_000_000))
        .help("In cents, bani, groszy: 2,500 euros are 250000."),
    required("currency", "Currency", Shape::Currency),
    required("year", "In prices of the year", Shape::Year),
]);

/// Whom to ask. A body is replicated to every node and read by anybody, so that it names an office and never a person.
pub(super) const CONTACT: Shape = Shape::Group(&[
    required("role", "Office or function", Shape::Localised(200))
        .help("Such as \"Technical department\"; never a person's name."),
    optional("email", "E-mail address of the office", Shape::Email)
        .help("An address that outlasts its reader: office@, not a person's."),
    optional("phone", "Telephone of the office", Shape::Text(40)),
]);

/// An address on the web with its title.
pub(super) const LINK: Shape =
    Shape::Group(&[required("url", "Address", Shape::Url), optional("title", "What is found there", Shape::Localised(200))]);

/// The subject matter, as it is asked everywhere.
pub(super) const fn topic(field: Field) -> Field {
    field.role(Role::Topic).help("Classification of the Functions of Government (COFOG); its groups are listed in docs/KINDS.md.")
}
