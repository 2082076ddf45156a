//! Free TCP ports on the loopback address.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// First port handed out; those below are often taken by services of the machine.
const LOWEST: u16 = 10_000;

/// Finds a port nobody listens on.
///
/// The port lies below the kernel's range for outgoing connections. A port from that range (what binding
/// port 0 yields) can be lost while its server restarts: a client that keeps calling the closed port sooner
/// or later gets the same number as its own end, is connected to itself, and blocks it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = first_outgoing_port().saturating_sub(LOWEST).max(1);
    // A random start keeps test processes that run side by side apart.
    let _ = NEXT.compare_exchange(0, random(), Ordering::Relaxed, Ordering::Relaxed);
    (0..span)
        .map(|_| LOWEST + NEXT.fetch_add(1, Ordering::Relaxed) % span)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free TCP port")
}

fn random() -> u16 {
    let [low, high, ..] = RandomState::new().hash_one(0).to_le_bytes();
    u16::from_le_bytes([low, high])
}

fn first_outgoing_port() -> u16 {
    fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse().ok())
        .unwrap_or(32_768)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_can_be_bound() {
        let (first, second) = (free_port(), free_port());
        assert_ne!(first, second);
        assert!(first >= LOWEST && first < first_outgoing_port());
        TcpListener::bind(("127.0.0.1", second)).expect("the port is free");
    }
}
