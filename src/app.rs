//! Start and stop order.

pub mod log;
