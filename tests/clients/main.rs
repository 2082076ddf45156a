//! The vendors' clients against the simulators: every operation, and every fact that the contracts leave open,
//! both ways.

#![allow(clippy::unwrap_used)] // also in functions that tests share

mod access;
mod appxite;
mod appxite_answers;
mod appxite_facts;
mod appxite_hostile;
mod appxite_rig;
mod appxite_settings;
mod hostile;
mod hpe;
mod hpe_facts;
mod limits;
mod managed;
mod managed_facts;
mod managed_writes;
mod pages;
mod proxy;
mod saas;
mod saas_facts;
mod saas_groups;
mod saas_rig;
mod secrets;
mod support;
mod vmware;
mod vmware_facts;
mod vmware_lists;
mod vmware_writes;
