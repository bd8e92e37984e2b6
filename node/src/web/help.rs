//! Help, accessibility and privacy: short and honest.

use super::layout::Page;
use maud::{Markup, html};

/// How to use the pages.
pub(crate) fn help() -> Page {
    page(
        "Help",
        html! {
            h1 { "Help" }
            h2 { "Finding something" }
            p { "Write what you would like to improve, in your own words and your own language, with or without accents: "
                em lang="ro" { "deseuri" } " finds " em lang="ro" { "deșeuri" } ". Every word must be in the record. Then narrow the results by subject, place or outcome." }
            h2 { "Reading a record" }
            p { "A practice tells what the problem was, what was done, what it took, what came of it and what did not work. "
                "Below it stand those who took it over, and with what result. Nothing is hidden because it failed." }
            p { "A record is shown in the first language of your browser that it has. You can choose another beside " strong { "Read in" } "." }
            h2 { "Can I rely on it?" }
            p { "Every record is signed by the organisation that wrote it, and every organisation is vouched for by another, up to the founders of the network. "
                "The box " strong { "Where this comes from" } " says by whom. That proves who said it and that nobody changed it; whether it is true, you judge from the evidence, the adoptions and the reviews." }
            p { "The date is the author's word. The proof that you can download is checked with " code { "koinon verify" } ", offline." }
            h2 { "Publishing" }
            p { "Pages here are for reading. Records are written and signed with the program " code { "koinon" } ":" }
            pre tabindex="0" { "koinon new practice\nkoinon publish practice.json" }
        },
    )
}

/// How accessible the pages are.
pub(crate) fn accessibility() -> Page {
    page(
        "Accessibility",
        html! {
            h1 { "Accessibility" }
            p { "These pages are made to meet EN 301 549 (WCAG 2.1, level AA), and WCAG 2.2 AA where we can." }
            h2 { "What was done" }
            ul {
                li { "Everything works with a keyboard, without scripts, and at 400 % magnification on a small screen." }
                li { "Each page has one main heading, landmarks, and a link that skips to the content." }
                li { "Texts in other languages are marked with their language, so that screen readers pronounce them." }
                li { "Light and dark colours follow your device; the contrast of text is at least 4.5 : 1." }
            }
            h2 { "What is not known" }
            p { "No independent audit has been made. The texts of records are written by many organisations; some are long or use terms of their trade." }
            h2 { "Something does not work?" }
            p { "Tell the operator of this node, who can be reached through the organisation that runs it. The same records can be read at any other node and through the API." }
        },
    )
}

/// What the node knows about who reads.
pub(crate) fn privacy() -> Page {
    page(
        "Privacy",
        html! {
            h1 { "Privacy" }
            h2 { "Reading" }
            p { "These pages set no cookies, run no scripts, count nobody and load nothing from elsewhere. There are no accounts. "
                "The node sees the address that your computer connects from, as every server does; a log that its operator keeps may contain it." }
            h2 { "What is published" }
            p { "Records are public, copied to every node, and signed by organisations, not persons. They should name offices and functional addresses. "
                "If a record says something about you that it should not, write to the organisation that signed it. It can publish a newer version." }
            h2 { "Erasing" }
            p { "The text of a record is kept apart from its signature, so that it can be erased for good while the rest can still be verified. "
                "The organisation that signed a record can erase its text: every node overwrites it, within a minute of learning of it." }
        },
    )
}

fn page(title: &str, text: Markup) -> Page {
    Page { title: title.to_owned(), section: "", above: Vec::new(), main: html! { article.prose { (text) } } }
}
