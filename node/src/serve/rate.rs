//! How often a client may write.
//!
//! The generic cell rate algorithm (ITU-T I.371): of each client only one number is kept, the moment at which its bucket will be full again.
//! The numbers stand in a table of fixed size, at a place that a keyed hash of the client's network names. So there is no lock, no task, nothing to
//! evict and nothing that grows; two networks that share a place share its allowance, and the key is random, so that nobody can aim at another's.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Places: 32 KiB. With a thousand clients that write at once, one in five shares its place with another.
const PLACES: usize = 4096;

/// Where a client is, as finely as it can be told from others: an IPv4 address, or the /64 of an IPv6 address, of which a client has all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// An address.
    V4(Ipv4Addr),
    /// The first 64 bits.
    V6(u64),
}

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(u64::try_from(address.to_bits() >> 64).unwrap_or(u64::MAX)),
        }
    }
}

/// How often one client may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time that one request costs.
    pub interval: Duration,
    /// How many may come at once.
    pub burst: u32,
}

/// The allowance of every client.
pub(super) struct Allowances {
    rate: Rate,
    began: Instant,
    key: RandomState,
    full_at: Box<[AtomicU64]>,
}

impl Allowances {
    pub(super) fn new(rate: Rate) -> Self {
        let full_at = std::iter::repeat_with(AtomicU64::default).take(PLACES).collect();
        Self { rate, began: Instant::now(), key: RandomState::new(), full_at }
    }

    /// Takes one request from the client's allowance, or says how long to wait.
    pub(super) fn take(&self, client: Network) -> Result<(), Duration> {
        self.take_at(client, self.began.elapsed())
    }

    fn take_at(&self, client: Network, now: Duration) -> Result<(), Duration> {
        let place = usize::try_from(self.key.hash_one(client) % PLACES as u64).unwrap_or_default();
        let Some(cell) = self.full_at.get(place) else { return Ok(()) };
        let (now, interval) = (micros(now), micros(self.rate.interval));
        let most = interval.saturating_mul(u64::from(self.rate.burst));
        let taken = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            let full_at = full_at.max(now).saturating_add(interval);
            (full_at - now <= most).then_some(full_at)
        });
        taken.map(drop).map_err(|full_at| Duration::from_micros(full_at.saturating_add(interval).saturating_sub(now + most)))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: Rate = Rate { interval: Duration::from_millis(100), burst: 5 };

    #[test]
    fn after_a_burst_one_request_an_interval_is_let_through() {
        let allowances = Allowances::new(RATE);
        let client = Network::of("192.0.2.1".parse().unwrap());
        let at = |millis| allowances.take_at(client, Duration::from_millis(millis));
        assert_eq!((0..5).map(|_| at(0)).collect::<Vec<_>>(), vec![Ok(()); 5]);
        assert_eq!(at(0), Err(Duration::from_millis(100)));
        assert_eq!(at(60), Err(Duration::from_millis(40)));
        assert_eq!(at(100), Ok(()));
        assert_eq!(at(100), Err(Duration::from_millis(100)));
    }

    #[test]
    fn all_of_a_64_is_one_client_and_a_mapped_address_is_its_ipv4() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:0:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    proptest! {
        /// Over any time, however the requests fall, no more are let through than the burst and one an interval.
        #[test]
        fn no_pattern_of_requests_gets_more_than_the_rate(gaps in proptest::collection::vec(0u64..300, 1..200)) {
            let allowances = Allowances::new(RATE);
            let client = Network::V6(7);
            let mut now = 0;
            let mut passed = 0;
            for gap in gaps {
                now += gap;
                passed += u64::from(allowances.take_at(client, Duration::from_millis(now)).is_ok());
            }
            prop_assert!(passed <= 5 + now / 100);
        }
    }
}
