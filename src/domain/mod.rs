//! Nouns and rules of Telecast. Pure: knows no socket, no clock, no runtime; time is an argument.
//!
//! Read [`target::Target`] first, then [`status`].

pub mod access;
pub mod announce;
pub mod backoff;
pub mod broadcast;
pub mod duty;
pub mod id;
pub mod lang;
pub mod login;
pub mod monitor;
pub mod pull;
pub mod quota;
pub mod recording;
pub mod rtmp_url;
pub mod secret;
pub mod seldom;
pub mod status;
pub mod subscriber;
pub mod takeover;
pub mod target;
pub mod weekly;
