//! One run: the vendor, and what goes wrong at which points.

use std::fmt;

use test_rig::proxy::{Fault, Point};
use vendor_simulators::Vendor;

/// What is done at every point.
pub const FAULTS: [Fault; 3] = [Fault::KillBefore, Fault::KillAfter, Fault::DropResponse];

/// A run of the scenario.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Whose simulator.
    pub vendor: Vendor,
    /// What goes wrong.
    pub faults: Vec<(Point, Fault)>,
}

impl fmt::Display for Trial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(vendor_name(self.vendor))?;
        for (point, fault) in &self.faults {
            write!(formatter, " | {point} | {}", fault_name(*fault))?;
        }
        Ok(())
    }
}

/// A vendor's name in names of runs.
pub const fn vendor_name(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Hpe => "hpe",
        Vendor::Vmware => "vmware",
    }
}

/// A fault's name in names of runs.
pub const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::KillBefore => "kill-before",
        Fault::KillAfter => "kill-after",
        Fault::DropResponse => "response-dropped",
        Fault::Delay(_) => "delay",
        Fault::Duplicate => "duplicate",
        Fault::Status(_) => "status",
    }
}
