//! Who has access where, since when, and what is stuck: pure, from invitations that come page by page.

pub mod line;
pub mod summary;
