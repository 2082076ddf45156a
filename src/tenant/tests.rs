//! The worker under paused time, with a fake vendor and a fake host.
