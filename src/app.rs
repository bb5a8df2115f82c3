//! Start and stop order.
