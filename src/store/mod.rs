//! What must survive a kill.
