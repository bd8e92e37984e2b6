//! Tiles: 256 nodes of every eighth level of the journal's tree, or 256 of its leaves.

use super::{ReadError, Reader};
use std::fmt;

/// Nodes of a full tile.
pub(crate) const WIDTH: u64 = 256;
/// Levels of nodes from one level of tiles to the next.
pub(crate) const LEVELS: u8 = 8;
/// Levels of tiles: higher ones would need more than 2^63 leaves.
const LEVEL: u8 = 7;

/// A tile that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    content: Content,
    index: u64,
    width: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// Nodes of a level of tiles.
    Nodes(u8),
    /// The leaves themselves.
    Entries,
}

impl Tile {
    /// The first `width` nodes, 1 to [`WIDTH`], of the tile at `index` of a level of tiles.
    pub(crate) fn nodes(level: u8, index: u64, width: u64) -> Self {
        Self { content: Content::Nodes(level), index, width }
    }

    /// Reads `LEVEL/INDEX`, `entries/INDEX`, each perhaps followed by `.p/WIDTH`; every tile has one name.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let (content, path) = path.split_once('/')?;
        let content = match content {
            "entries" => Content::Entries,
            level => Content::Nodes(decimal(level)?.try_into().ok().filter(|level| *level <= LEVEL)?),
        };
        let (index, width) = match path.split_once(".p/") {
            Some((index, width)) => (index, decimal(width).filter(|width| (1..WIDTH).contains(width))?),
            None => (path, WIDTH),
        };
        Some(Self { content, index: place(index)?, width })
    }

    /// Whether the tree of `size` leaves has all of it.
    pub(super) fn is_within(&self, size: u64) -> bool {
        let shift = match self.content {
            Content::Nodes(level) => u32::from(level * LEVELS),
            Content::Entries => 0,
        };
        self.index.checked_mul(WIDTH).and_then(|first| first.checked_add(self.width)).is_some_and(|end| end <= size >> shift)
    }

    /// Its bytes; it must be within the journal.
    pub(super) fn read(&self, reader: &Reader) -> Result<Vec<u8>, ReadError> {
        let first = self.index * WIDTH;
        match self.content {
            Content::Nodes(level) => Ok(reader.nodes(level * LEVELS, first, self.width)?.concat()),
            Content::Entries => {
                let ids = reader.ids(first, self.width)?;
                Ok(ids.iter().flat_map(|id| [&[0, 32][..], id.as_bytes()].concat()).collect())
            }
        }
    }
}

impl fmt::Display for Tile {
    /// The name that [`Tile::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            Content::Nodes(level) => write!(f, "{level}")?,
            Content::Entries => f.write_str("entries")?,
        }
        let (mut above, mut parts) = (self.index / 1000, String::new());
        while above > 0 {
            parts.insert_str(0, &format!("/x{:03}", above % 1000));
            above /= 1000;
        }
        write!(f, "{parts}/{:03}", self.index % 1000)?;
        if self.width < WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// `x001/x234/067` is 1234067; the first part is not `x000`.
fn place(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split('/').collect();
    let (last, before) = parts.split_last()?;
    if before.first() == Some(&"x000") {
        return None;
    }
    let digits = before.iter().map(|part| part.strip_prefix('x')).chain([Some(*last)]);
    digits.into_iter().try_fold(0_u64, |place, part| {
        let part = part.filter(|part| part.len() == 3 && part.bytes().all(|digit| digit.is_ascii_digit()))?;
        place.checked_mul(1000)?.checked_add(part.parse().ok()?)
    })
}

fn decimal(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|digit| digit.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(level: u8, index: u64, width: u64) -> Option<Tile> {
        Some(Tile { content: Content::Nodes(level), index, width })
    }

    #[test]
    fn a_tile_has_one_name() {
        assert_eq!(Tile::parse("0/x001/x234/067"), nodes(0, 1_234_067, 256));
        assert_eq!(Tile::parse("1/000.p/17"), nodes(1, 0, 17));
        assert_eq!(Tile::parse("entries/x273/000.p/1"), Some(Tile { content: Content::Entries, index: 273_000, width: 1 }));
        for wrong in [
            "0",
            "0/",
            "0/1",
            "0/0001",
            "00/000",
            "8/000",
            "0/x000/001",
            "0/001/001",
            "0/x001",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "+1/000",
            "0/+01",
            "entries/",
            "leaves/000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Tile::parse(wrong), None, "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_what_is_read(level in 0_u8..=LEVEL, index: u64, width in 1..=WIDTH) {
            for content in [Content::Nodes(level), Content::Entries] {
                let tile = Tile { content, index, width };
                proptest::prop_assert_eq!(Tile::parse(&tile.to_string()), Some(tile));
            }
        }
    }

    /// The example of tlog-tiles: a tree of 70,000.
    #[test]
    fn a_tree_has_the_tiles_of_its_size() {
        let has = |path: &str| Tile::parse(path).is_some_and(|tile| tile.is_within(70_000));
        assert!(
            has("0/272")
                && has("0/273.p/112")
                && has("1/000")
                && has("1/001.p/17")
                && has("2/000.p/1")
                && has("entries/273.p/112")
        );
        assert!(
            !has("0/273") && !has("0/273.p/113") && !has("1/001") && !has("1/001.p/18") && !has("2/000.p/2") && !has("3/000.p/1")
        );
    }
}
