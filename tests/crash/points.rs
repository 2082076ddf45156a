//! The points of a scenario, learned from runs without faults.

use std::collections::HashSet;

use test_rig::proxy::{Entry, Point};

/// The points that every one of these runs came to, in the order of the first one. How often a provider's numbers are
/// written, or somebody is looked at, depends on the moment; such points are none. A call for several people is one
/// point, named by the first of them.
pub fn common(runs: &[Vec<Entry>]) -> Vec<Point> {
    let Some((first, others)) = runs.split_first() else { return Vec::new() };
    let others: Vec<HashSet<&Point>> =
        others.iter().map(|run| run.iter().flat_map(|entry| &entry.points).collect()).collect();
    let common = |point: &&Point| others.iter().all(|run| run.contains(point));
    first.iter().filter_map(|entry| entry.points.iter().find(common)).cloned().collect()
}

/// Pairs of points at which something happens for the first time. What a kill may take away is no point to count on
/// after another one: an event is told once or never, and whether one person is looked at alone depends on what is open.
pub fn pairs(points: &[Point]) -> Vec<(Point, Point)> {
    let sure = |point: &&Point| {
        point.nth == 1 && !["create events", "vmware.search_users"].contains(&&*point.operation)
    };
    let firsts: Vec<&Point> = points.iter().filter(sure).collect();
    let mut pairs = Vec::new();
    for (at, one) in firsts.iter().enumerate() {
        pairs.extend(firsts[at + 1..].iter().map(|other| ((*one).clone(), (*other).clone())));
    }
    pairs
}

/// A fixed selection of at most `most`, spread over all; neighbours differ in their kinds of kills, of which there are
/// four in turn.
pub fn selection<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    if all.len() <= most {
        return all.to_vec();
    }
    (0..most).filter_map(|turn| all.get(turn * all.len() / most / 4 * 4 + turn % 4)).cloned().collect()
}
