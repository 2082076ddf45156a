//! The engine's limits and times.

use std::time::Duration;

use clap::Args;

use super::SettingsError;

/// How much happens at once, and how long things may take.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Engine")]
pub struct EngineArguments {
    /// How many objects are reconciled at once, for each kind
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_CONCURRENCY",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        default_value_t = 32
    )]
    concurrency: u16,

    /// How long after its recording an intent may still be sent to a vendor
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_SEND_LIMIT_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(1..=600_000),
        default_value_t = 10_000
    )]
    send_limit_milliseconds: u64,

    /// How long a vendor call may take in all
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_VENDOR_TIMEOUT_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(1..=600_000),
        default_value_t = 20_000
    )]
    vendor_timeout_milliseconds: u64,

    /// How long connecting to a vendor may take
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_VENDOR_CONNECT_TIMEOUT_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(1..=600_000),
        default_value_t = 5_000
    )]
    vendor_connect_timeout_milliseconds: u64,

    /// How old the picture of a tenant may be when something is sent on it
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_LOOK_FRESHNESS_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3_600_000),
        default_value_t = 60_000
    )]
    look_freshness_milliseconds: u64,

    /// How soon after an open attempt the first look follows; each later one waits twice as long
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_SETTLE_FIRST_LOOK_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3_600_000),
        default_value_t = 2_000
    )]
    settle_first_look_milliseconds: u64,

    /// The longest pause between two looks for an open attempt
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_SETTLE_LAST_LOOK_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3_600_000),
        default_value_t = 60_000
    )]
    settle_last_look_milliseconds: u64,

    /// How often credentials are read again although nothing asked for it
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_CREDENTIALS_REFRESH_SECONDS",
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=604_800),
        default_value_t = 300
    )]
    credentials_refresh_seconds: u64,

    /// How long a deletion that owes a vendor call waits from first sight, to see how many there are
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_DELETION_DELAY_MILLISECONDS",
        value_name = "MILLISECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3_600_000),
        default_value_t = 30_000
    )]
    deletion_delay_milliseconds: u64,

    /// How often a deletion is tried in a terminating namespace before the object is released without a call
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_TERMINATING_NAMESPACE_TRIES",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..=1000),
        default_value_t = 5
    )]
    terminating_namespace_tries: u32,

    /// How old an attempt without an outcome must be at first sight to count as abandoned, as after a restore
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_ABANDONED_ATTEMPT_AGE_SECONDS",
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=604_800),
        default_value_t = 3_600
    )]
    abandoned_attempt_age_seconds: u64,

    /// How long a page of people whom nobody has declared stays in a provider's status when nobody takes it
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_EXPORT_PAGE_SECONDS",
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=86_400),
        default_value_t = 600
    )]
    export_page_seconds: u64,
}

impl EngineArguments {
    /// How many objects are reconciled at once, for each kind.
    pub fn concurrency(&self) -> u16 {
        self.concurrency
    }

    /// How long after its recording an intent may still be sent.
    pub fn send_limit(&self) -> Duration {
        Duration::from_millis(self.send_limit_milliseconds)
    }

    /// How long a vendor call may take in all.
    pub fn vendor_timeout(&self) -> Duration {
        Duration::from_millis(self.vendor_timeout_milliseconds)
    }

    /// How long connecting to a vendor may take.
    pub fn vendor_connect_timeout(&self) -> Duration {
        Duration::from_millis(self.vendor_connect_timeout_milliseconds)
    }

    /// How old the picture of a tenant may be when something is sent on it.
    pub fn look_freshness(&self) -> Duration {
        Duration::from_millis(self.look_freshness_milliseconds)
    }

    /// How soon after an open attempt the first look follows.
    pub fn settle_first_look(&self) -> Duration {
        Duration::from_millis(self.settle_first_look_milliseconds)
    }

    /// The longest pause between two looks for an open attempt.
    pub fn settle_last_look(&self) -> Duration {
        Duration::from_millis(self.settle_last_look_milliseconds)
    }

    /// How often credentials are read again although nothing asked for it.
    pub fn credentials_refresh(&self) -> Duration {
        Duration::from_secs(self.credentials_refresh_seconds)
    }

    /// How often a deletion is tried in a terminating namespace.
    pub fn terminating_namespace_tries(&self) -> u32 {
        self.terminating_namespace_tries
    }

    /// How long a deletion that owes a call waits from first sight.
    pub fn deletion_delay(&self) -> Duration {
        Duration::from_millis(self.deletion_delay_milliseconds)
    }

    /// How old an attempt without an outcome must be at first sight to count as abandoned.
    pub fn abandoned_attempt_age(&self) -> Duration {
        Duration::from_secs(self.abandoned_attempt_age_seconds)
    }

    /// How long a page of people stays in a provider's status when nobody takes it.
    pub fn export_page(&self) -> Duration {
        Duration::from_secs(self.export_page_seconds)
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if self.vendor_connect_timeout() > self.vendor_timeout() {
            return Err(SettingsError::Order {
                shorter: "--vendor-connect-timeout-milliseconds",
                longer: "--vendor-timeout-milliseconds",
            });
        }
        if self.settle_first_look() > self.settle_last_look() {
            return Err(SettingsError::Order {
                shorter: "--settle-first-look-milliseconds",
                longer: "--settle-last-look-milliseconds",
            });
        }
        Ok(())
    }
}
