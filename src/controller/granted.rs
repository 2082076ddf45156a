//! Nothing is begun before the rights are there that everything needs.

use std::time::Duration;

use kube::Client;
use tracing::{info, warn};

use crate::health::Gate;
use crate::rights::{self, Need, Right};
use crate::settings::Settings;

/// The first pause between two looks at the rights; it doubles up to the last one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(15);

/// Waits until every right is granted without which nothing can be begun, and opens the gate.
pub(super) async fn wait(client: &Client, settings: &Settings, gate: &Gate) {
    let mut needed = rights::needed(settings);
    needed.retain(|right| match right.need {
        Need::Start => true,
        Need::Work(_) | Need::WhereProvidersAre => false,
    });
    let (mut pause, mut told) = (FIRST_PAUSE, String::new());
    loop {
        match rights::missing(client, &needed).await {
            Ok(missing) if missing.is_empty() => break,
            Ok(missing) => {
                let names = names(&missing);
                gate.waits_because(&names);
                if names != told {
                    warn!(missing = names, "rights are missing; nothing is begun before they are granted");
                    told = names;
                }
            }
            // Who may not even ask finds out by trying.
            Err(kube::Error::Api(status)) if status.is_forbidden() => {
                warn!("whether the rights are there may not be asked; they are taken to be");
                break;
            }
            Err(error) => {
                warn!(%error, "whether the rights are there cannot be asked; it is tried again");
                gate.waits_because("whether the rights are there cannot be asked");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
    if !told.is_empty() {
        info!("the rights are granted");
    }
    gate.open();
}

fn names(rights: &[Right]) -> String {
    rights.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
