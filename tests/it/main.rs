//! Integration tests: one binary, so that the suite links once.
mod store;
mod store_kill;
