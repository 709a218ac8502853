//! Whose address a request comes from. Never believes a header, unless a proxy wrote it that the configuration names.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::router::AppState;

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address. IPv4 is kept as the part of IPv6 that it maps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    start: u128,
    /// How many leading bits two addresses of it share.
    shared: u32,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let differ = (number(address) ^ self.start).checked_shr(128 - self.shared);
        differ.unwrap_or(0) == 0
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl FromStr for Network {
    type Err = WrongNetwork;

    fn from_str(text: &str) -> Result<Self, WrongNetwork> {
        let wrong = || WrongNetwork(text.to_owned());
        let (address, shared) = text.split_once('/').map_or((text, None), |(address, shared)| (address, Some(shared)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let shared = match shared {
            Some(shared) => shared.parse().ok().filter(|shared| *shared <= longest).ok_or_else(wrong)?,
            None => longest,
        };
        Ok(Self { start: number(address), shared: shared + 128 - longest })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no address; write one as 192.0.2.7, and a range as 10.0.0.0/8")]
pub struct WrongNetwork(String);

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(try_from = "Listed", into = "Listed")]
pub struct Proxies(Vec<(String, Network)>);

/// How a list can be written: as one in the file, with commas in the environment.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Listed {
    Many(Vec<String>),
    Commas(String),
}

impl TryFrom<Listed> for Proxies {
    type Error = WrongNetwork;

    fn try_from(listed: Listed) -> Result<Self, WrongNetwork> {
        let texts = match listed {
            Listed::Many(texts) => texts,
            Listed::Commas(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        };
        let named = texts.into_iter().filter(|text| !text.is_empty());
        named.map(|text| text.parse().map(|network| (text, network))).collect::<Result<_, _>>().map(Self)
    }
}

impl From<Proxies> for Listed {
    fn from(proxies: Proxies) -> Self {
        Self::Many(proxies.0.into_iter().map(|(text, _)| text).collect())
    }
}

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(_, network)| network.contains(address))
    }

    /// Each proxy adds at the right whom it heard from; the first from there that is none of ours is the client. What
    /// stands left of it is whatever the client wrote.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let lines: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
        for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
            let Some(address) = self.trusts(client).then(|| hop_address(hop.trim())).flatten() else { break };
            client = address;
        }
        client.to_canonical()
    }
}

/// Some proxies write the port as well.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(with_port).or_else(bracketed)
}

/// Whoever sent a request, as far as limits tell people apart. One customer of an IPv6 provider has a whole /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl Client {
    fn of(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        })
    }
}

impl fmt::Display for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromRequestParts<AppState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        // Only a router without a listener, as in tests, has nobody at the other end.
        let peer = peer.unwrap_or(Ipv6Addr::UNSPECIFIED.into());
        Ok(Self::of(state.proxies.client(peer, &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(list: &str) -> Proxies {
        Proxies::try_from(Listed::Commas(list.to_owned())).unwrap()
    }

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        proxies(trusted).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_is_the_client() {
        let trusted = "10.0.0.0/8, 192.0.2.7, fd00::/8";
        for (peer, forwarded, expected) in [
            ("10.1.2.3", &[][..], "10.1.2.3"),
            ("10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["1.1.1.1, 203.0.113.9, 192.0.2.7"], "203.0.113.9"),
            ("10.1.2.3", &["1.1.1.1", "203.0.113.9", "10.9.9.9"], "203.0.113.9"),
            ("fd00::1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("fd00::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("fd00::1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.1.2.3", &["203.0.113.9, unknown"], "10.1.2.3"),
            ("10.1.2.3", &["203.0.113.9, "], "10.1.2.3"),
            ("10.1.2.3", &["10.5.5.5, 10.6.6.6"], "10.5.5.5"),
        ] {
            assert_eq!(client(trusted, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn nobody_else_is_believed() {
        for (trusted, peer) in
            [("", "203.0.113.9"), ("10.0.0.0/8", "11.0.0.1"), ("192.0.2.7", "192.0.2.8"), ("::/96", "10.0.0.1")]
        {
            assert_eq!(client(trusted, peer, &["1.1.1.1"]), peer, "{trusted}");
        }
    }

    #[test]
    fn a_network_is_an_address_with_or_without_its_bits() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.0"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::1", "::1", "::2"),
            ("192.0.2.128/25", "192.0.2.129", "192.0.2.1"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network:?} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network:?} {outside}");
        }
        let everything: Network = "::/0".parse().unwrap();
        assert!(everything.contains("203.0.113.9".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "proxy.example", "10.0.0"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_household_is_one_client() {
        let of = |address: &str| Client::of(address.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("203.0.113.9"), of("203.0.113.10"));
    }
}
