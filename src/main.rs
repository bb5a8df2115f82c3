//! Command line of Telecast.

fn main() {}
