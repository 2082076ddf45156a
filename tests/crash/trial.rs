//! One run: the vendor, and what goes wrong at which points.

use std::fmt;
use std::time::Duration;

use test_rig::proxy::{Fault, Point};
use vendor_simulators::Vendor;

/// What is done at every point.
pub const FAULTS: [Fault; 3] = [Fault::KillBefore, Fault::KillAfter, Fault::DropResponse];

/// What is done to calls that change something at the vendor, too: they arrive when the caller has given up, or is dead
/// and followed by another one.
pub const LATE: [Fault; 2] =
    [Fault::Delay(Duration::from_millis(2900)), Fault::KillThenArrive(Duration::from_millis(5500))];

/// A run of the scenario.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Whose simulator.
    pub vendor: Vendor,
    /// What goes wrong.
    pub faults: Vec<(Point, Fault)>,
}

impl Trial {
    /// The times of this run's vendor. A late call arrives within the time that the rules allow for: after its caller
    /// has given up, and before the grace period counted from then has passed; or within the time that a call may take,
    /// when its caller's successor already leads.
    pub fn times(&self) -> VendorTimes {
        let has = |late: fn(&Fault) -> bool| self.faults.iter().any(|(_, fault)| late(fault));
        if has(|fault| matches!(fault, Fault::Delay(_))) {
            VendorTimes { grace_seconds: 2, ..VendorTimes::default() }
        } else if has(|fault| matches!(fault, Fault::KillThenArrive(_))) {
            VendorTimes { timeout: Duration::from_secs(6), ..VendorTimes::default() }
        } else {
            VendorTimes::default()
        }
    }
}

/// How long a vendor may take.
#[derive(Debug, Clone, Copy)]
pub struct VendorTimes {
    /// For an answer.
    pub timeout: Duration,
    /// To show what it has accepted.
    pub grace_seconds: u64,
}

impl Default for VendorTimes {
    fn default() -> Self {
        Self { timeout: Duration::from_millis(1500), grace_seconds: 1 }
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
        Vendor::AppXite => "appxite",
        Vendor::Managed => "managed",
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
