//! Vendor simulators.
