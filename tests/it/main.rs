//! Integration tests: one binary, so that the suite links once.
