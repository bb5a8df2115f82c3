//! Integration tests: one binary, so that the suite links once.
#![allow(clippy::unwrap_used)] // functions beside the tests are tests too

mod app;
#[path = "../bed/mod.rs"]
mod bed;
mod bed_itself;
mod bot_api_teloxide;
mod bot_api_whole;
mod broadcast;
mod broadcast_hold;
mod chat_add;
mod chat_admin;
mod chat_announce;
mod chat_before;
mod chat_check;
mod chat_claim;
mod chat_duty;
mod chat_group;
mod chat_hold;
mod chat_late;
mod chat_live;
mod chat_look;
mod chat_onboarding;
mod chat_panel;
mod chat_platforms;
mod chat_recordings;
mod chat_rights;
mod chat_secrets;
mod chat_seen;
mod chat_shown;
mod chat_sources;
mod chat_trouble;
mod chat_watch;
mod chat_weekly;
mod chat_words;
mod config;
mod console;
mod demo;
mod docs;
mod field_itself;
mod fifty_days;
mod fuzz;
#[allow(unreachable_pub)] // it is a library of its own as well
#[path = "../../fuzz/src/lib.rs"]
mod fuzz_targets;
mod hall;
mod hostile;
mod layering;
mod monitor;
mod mp4;
mod page;
mod paste_secrets;
#[path = "../pastes/judge.rs"]
mod pastes;
mod platform_live_check;
mod platform_paste;
mod platform_viewer;
mod record;
mod relay;
mod relay_alone;
mod relay_pull;
mod rtmp_login;
mod rtmp_peers;
mod rtmp_play;
mod rtmp_play_login;
mod rtmp_raw;
mod rtmp_session;
mod rtmp_strangers;
mod rtmp_turns;
mod scene;
mod store;
mod store_host;
mod store_kill;
mod wire;
