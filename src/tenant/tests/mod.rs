//! Tables of settlement and batching, and the worker under paused time with a fake vendor and a fake host.

mod absences;
mod batches;
mod bench;
mod calls;
mod cancels;
mod looks;
mod pictures;
mod settlements;
mod simulation;
mod vendor;
