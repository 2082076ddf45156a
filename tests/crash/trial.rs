//! One run: the vendor, and what goes wrong at which points.

use std::fmt;
use std::time::Duration;

use test_rig::proxy::{Fault, Point};
use vendor_simulators::Vendor;

/// What is done at every point.
pub const FAULTS: [Fault; 3] = [Fault::KillBefore, Fault::KillAfter, Fault::DropResponse];

/// What is done to calls that change something at the vendor, too: they arrive when the caller has given up, or is
/// dead and followed by another one. Longer than the vendor may take to answer, or to show its effect.
pub const LATE: [Fault; 2] =
    [Fault::Delay(Duration::from_millis(1900)), Fault::KillThenArrive(Duration::from_millis(3600))];

/// A run of the scenario.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Whose simulator.
    pub vendor: Vendor,
    /// What goes wrong.
    pub faults: Vec<(Point, Fault)>,
}

impl Trial {
    /// How long a call to the vendor may take in this run: long enough that one can arrive when its maker is dead and
    /// followed by another one.
    pub fn vendor_timeout(&self) -> Duration {
        let outlived = self.faults.iter().any(|(_, fault)| matches!(fault, Fault::KillThenArrive(_)));
        Duration::from_millis(if outlived { 4000 } else { 1500 })
    }
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
        Fault::Delay(_) => "late",
        Fault::KillThenArrive(_) => "killed-and-late",
        Fault::Duplicate => "duplicate",
        Fault::Status(_) => "status",
    }
}
