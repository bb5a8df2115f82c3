//! Integration tests: one binary, so that the suite links once.

mod platform_live_check;
mod platform_paste;
mod store;
mod store_kill;
