//! What is said of keys that somebody gave.

use crate::chat::said::Said;

/// /mykeys and /forget.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) enum Keys {
    None,
    List {
        rows: Vec<Lent>,
        count: usize,
        page: usize,
        pages: usize,
    },
    Withdrawn {
        name: Said,
    },
    ForgetAsk {
        targets: usize,
    },
    Forgotten {
        targets: usize,
        owner: bool,
    },
    /// Nothing was.
    Spared,
}

/// A key that was lent.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::chat) struct Lent {
    pub(in crate::chat) name: Said,
    pub(in crate::chat) key: Said,
    /// The group, or nothing for the own studio.
    pub(in crate::chat) studio: Option<Said>,
}
