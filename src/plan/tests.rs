//! Tables of the decision.
