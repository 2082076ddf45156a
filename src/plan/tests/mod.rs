//! Tables and properties of the decision. A [`World`](world::World) is one invitation with everything around it.

mod deleting;
mod inviting;
mod ownership;
mod past;
mod properties;
mod refusals;
mod resends;
mod settling;
mod states;
mod texts;
pub mod world;
