//! Tasks and channels that move packets from one publisher to many targets.
