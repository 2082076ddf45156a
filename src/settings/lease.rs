//! The leader's lease and its times.

use std::time::Duration;

use clap::{ArgAction, Args};

use super::{SettingsError, lists};

/// How the one active replica is chosen.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Leader election")]
pub struct LeaseArguments {
    /// Choose one active replica by a lease; switch it off only where a second replica is impossible
    #[arg(
        long = "leader-election",
        env = "USER_INVITATION_OPERATOR_LEADER_ELECTION",
        value_name = "BOOL",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub election: bool,

    /// Name of the lease in the operator's namespace
    #[arg(
        long = "lease-name",
        env = "USER_INVITATION_OPERATOR_LEASE_NAME",
        value_name = "NAME",
        default_value = "user-invitation-operator"
    )]
    pub name: String,

    /// How long others wait for a leader that is silent; written to the lease in whole seconds, rounded up
    #[arg(
        long = "lease-duration-milliseconds",
        env = "USER_INVITATION_OPERATOR_LEASE_DURATION_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(100..=3_600_000),
        default_value_t = 15_000
    )]
    duration_milliseconds: u64,

    /// How long after the start of its last renewal a leader still acts; shorter than the lease's duration
    #[arg(
        long = "lease-renew-deadline-milliseconds",
        env = "USER_INVITATION_OPERATOR_LEASE_RENEW_DEADLINE_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(10..=3_600_000),
        default_value_t = 10_000
    )]
    renew_deadline_milliseconds: u64,

    /// How often a leader renews; shorter than the renew deadline
    #[arg(
        long = "lease-renew-interval-milliseconds",
        env = "USER_INVITATION_OPERATOR_LEASE_RENEW_INTERVAL_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(10..=3_600_000),
        default_value_t = 5_000
    )]
    renew_interval_milliseconds: u64,

    /// How soon after a failed try, or a look of a standby replica, the next one follows
    #[arg(
        long = "lease-retry-milliseconds",
        env = "USER_INVITATION_OPERATOR_LEASE_RETRY_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(10..=3_600_000),
        default_value_t = 2_000
    )]
    retry_milliseconds: u64,

    /// How long one try may take; with the renew interval shorter than the deadline, so that one slow answer is no loss
    #[arg(
        long = "lease-try-timeout-milliseconds",
        env = "USER_INVITATION_OPERATOR_LEASE_TRY_TIMEOUT_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(10..=3_600_000),
        default_value_t = 3_000
    )]
    try_timeout_milliseconds: u64,
}

impl LeaseArguments {
    /// How long others wait for a leader that is silent.
    pub fn duration(&self) -> Duration {
        Duration::from_millis(self.duration_milliseconds)
    }

    /// How long after the start of its last renewal a leader still acts.
    pub fn renew_deadline(&self) -> Duration {
        Duration::from_millis(self.renew_deadline_milliseconds)
    }

    /// How often a leader renews.
    pub fn renew_interval(&self) -> Duration {
        Duration::from_millis(self.renew_interval_milliseconds)
    }

    /// The pause after a failed try, and between two looks of a standby replica.
    pub fn retry(&self) -> Duration {
        Duration::from_millis(self.retry_milliseconds)
    }

    /// How long one try may take.
    pub fn try_timeout(&self) -> Duration {
        Duration::from_millis(self.try_timeout_milliseconds)
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        let ordered = |shorter, a: Duration, longer, b: Duration| {
            (a < b).then_some(()).ok_or(SettingsError::Order { shorter, longer })
        };
        let deadline = ("--lease-renew-deadline-milliseconds", self.renew_deadline());
        ordered("--lease-renew-interval-milliseconds", self.renew_interval(), deadline.0, deadline.1)?;
        if self.renew_interval() + self.try_timeout() >= self.renew_deadline() {
            return Err(SettingsError::NoSecondTry);
        }
        ordered("--lease-retry-milliseconds", self.retry(), deadline.0, deadline.1)?;
        ordered(deadline.0, deadline.1, "--lease-duration-milliseconds", self.duration())?;
        if lists::is_dns_label(&self.name) {
            Ok(())
        } else {
            Err(SettingsError::LeaseName { name: self.name.clone() })
        }
    }
}
