//! Times as Kubernetes stores them: whole seconds.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;

/// A moment cut to whole seconds, so that what is written equals what is read back.
pub fn whole_seconds(moment: Timestamp) -> Time {
    Time(Timestamp::from_second(moment.as_second()).unwrap_or(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_equals_what_is_read_back() {
        let moment: Timestamp = "2026-03-04T05:06:07.89Z".parse().unwrap();
        let time = whole_seconds(moment);
        let read_back: Time = serde_json::from_value(serde_json::to_value(&time).unwrap()).unwrap();
        assert_eq!(read_back, time);
    }
}
