//! What every page has around it.

use super::text::Said;
use super::{assets, words};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A page before it is put in its frame.
pub(crate) struct Page {
    /// What it is called, in the window's title.
    pub(crate) title: String,
    /// The part of the site that it belongs to: the address of an entry of the navigation.
    pub(crate) section: &'static str,
    /// The pages above it: address and name.
    pub(crate) above: Vec<(String, Said)>,
    /// What it says, with exactly one `h1`.
    pub(crate) main: Markup,
}

const SECTIONS: [(&str, &str); 5] = [
    ("/practices", words::PRACTICES),
    ("/needs", words::NEEDS),
    ("/offers", words::OFFERS),
    ("/network", words::NETWORK),
    ("/node", words::NODE),
];

/// The whole document.
pub(crate) fn document(page: &Page, network: &Said) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · " (network.text) }
                link rel="stylesheet" href=(assets::style());
                link rel="icon" type="image/svg+xml" href=(assets::icon());
            }
            body {
                a.skip href="#main" { (words::SKIP) }
                (header(page.section, network))
                @if !page.above.is_empty() { (breadcrumbs(&page.above)) }
                main #main tabindex="-1" { (page.main) }
                (footer(network))
            }
        }
    }
}

fn header(section: &str, network: &Said) -> Markup {
    html! {
        header.top {
            div.wide {
                a.home href="/" { (logo()) span.name { (network) } }
                nav aria-label=(words::NAVIGATION) {
                    ul {
                        @for (address, name) in SECTIONS {
                            li { a href=(address) aria-current=[(address == section).then_some("page")] { (name) } }
                        }
                    }
                }
            }
        }
    }
}

fn breadcrumbs(above: &[(String, Said)]) -> Markup {
    html! {
        nav.crumbs aria-label=(words::BREADCRUMBS) {
            ol.wide {
                li { a href="/" { (words::HOME) } }
                @for (address, name) in above { li { a href=(address) { (name) } } }
            }
        }
    }
}

fn footer(network: &Said) -> Markup {
    html! {
        footer.bottom {
            div.wide {
                p { strong { (network) } " · " (words::FOOTER) }
                ul {
                    @for (address, name) in words::FOOTER_LINKS { li { a href=(address) { (name) } } }
                }
            }
        }
    }
}

/// Three linked circles.
fn logo() -> Markup {
    html! {
        svg.logo viewBox="0 0 48 48" width="40" height="40" aria-hidden="true" focusable="false" {
            circle cx="24" cy="16" r="9" {}
            circle cx="16" cy="30" r="9" {}
            circle cx="32" cy="30" r="9" {}
        }
    }
}

/// The search box.
pub(crate) fn search_box(text: &str, label: &str, hidden: &[(&str, &str)]) -> Markup {
    html! {
        form.search role="search" action="/search" method="get" {
            label for="q" { (label) }
            div.box {
                input #q type="search" name="q" value=(text) maxlength="300" autocomplete="off";
                @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
                button type="submit" { (words::SEARCH) }
            }
        }
    }
}

/// A list of labels and values.
pub(crate) fn summary_list(rows: &[(String, Markup)]) -> Markup {
    html! { dl.facts { @for (label, value) in rows { div { dt { (label) } dd { (value) } } } } }
}

/// A sentence that the reader must not overlook.
pub(crate) fn notice(class: &str, title: &str, text: Markup) -> Markup {
    html! { div class={ "notice " (class) } role="note" { p { strong { (title) } } div { (text) } } }
}

/// What is not written as an element.
pub(crate) fn empty() -> Markup {
    PreEscaped(String::new())
}
