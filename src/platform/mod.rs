//! What is known of the platforms.
