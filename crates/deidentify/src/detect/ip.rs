//! IP addresses as the standard library reads them, less the versions, clock times and names in code that look like one.
//!
//! Four numbers with dots are a version as often as an address: what stands in front decides, and where nothing does, how
//! large the numbers are. A version must stay, since a reader needs it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Candidate, Detector, after, before, in_word};
use crate::Kind;
use crate::lexicon::Known;
use crate::placeholders::Identity;
use crate::scan::{Scan, Shape, Word};

static V4: Detector = Detector::new("ip.v4", Kind::Ip, 90, "It is an IPv4 address.");
static V6: Detector = Detector::new("ip.v6", Kind::Ip, 90, "It is an IPv6 address.");

/// The longest written address, in bytes.
const LONGEST: usize = 45;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let mut read_to = 0;
    for at in scan.numbers() {
        let word = &scan.words[at];
        if word.start >= read_to
            && word.after == b'.'
            && word.before != b'.'
            && word.len() <= 3
            && let Some(address) = v4(scan, at, word)
        {
            read_to = address.end;
            found.push(address);
        }
    }
    let mut read_to = 0;
    for word in &scan.words {
        if (word.after == b':' || word.before == b':')
            && word.len() <= 4
            && word.start >= read_to
            && let Some(address) = v6(scan.text, word)
        {
            read_to = address.end;
            found.push(address);
        }
    }
}

/// Where the run of bytes that belong together ends.
fn run(text: &str, start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    start + bytes.iter().take(LONGEST + 1).take_while(|b| belongs(**b)).count()
}

/// The address that begins with a number.
fn v4(scan: &Scan<'_>, at: usize, word: &Word) -> Option<Candidate> {
    let text = scan.text;
    let end = run(text, word.start, |b| b.is_ascii_digit() || b == b'.');
    let written = text.get(word.start..end)?.trim_end_matches('.');
    let end = word.start + written.len();
    let address: Ipv4Addr = written.parse().ok()?;
    let nobody = address.is_loopback() || address.is_unspecified() || matches!(address.octets(), [255, ..]);
    (!nobody && is_whole(text, word.start, end) && !is_version(scan, at, word.start, end, address)).then(|| Candidate {
        start: word.start,
        end,
        detector: &V4,
        identity: Identity::Text(address.to_string()),
    })
}

/// Whether nothing that belongs to a longer name or number hangs on to the address.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let tail = after(text, end);
    let beyond = text.get(end..).and_then(|rest| rest.chars().nth(1));
    let goes_on = matches!(tail, Some('.' | '-')) && beyond.is_some_and(char::is_alphanumeric);
    let mapped = text.get(..start).is_some_and(|head| head.ends_with("ffff:") || head.ends_with("FFFF:"));
    !mapped && !in_word(before(text, start)) && !in_word(tail) && before(text, start) != Some('.') && !goes_on
}

/// Whether four numbers with dots are a version: a word before them says so, or they are small and nothing says otherwise.
fn is_version(scan: &Scan<'_>, at: usize, start: usize, end: usize, address: Ipv4Addr) -> bool {
    let text = scan.text;
    let tail = text.get(end..).unwrap_or_default();
    let head = text.get(..start).unwrap_or_default();
    let port_or_mask = tail.strip_prefix([':', '/']).is_some_and(|tail| tail.starts_with(|c: char| c.is_ascii_digit()));
    if port_or_mask || head.ends_with("://") || head.ends_with('@') {
        return false;
    }
    match said_before(scan, at, address) {
        Some(is_version) => is_version,
        None => {
            let octets = address.octets();
            octets[0] <= 3
                || octets.iter().all(|octet| *octet <= 9)
                || (octets[0] < 10 && octets.iter().all(|octet| *octet < 100))
        }
    }
}

/// What the nearest words before a number say: that it is a version, that it is an address, or nothing.
fn said_before(scan: &Scan<'_>, at: usize, address: Ipv4Addr) -> Option<bool> {
    const REACH: usize = 9;
    // No product counts its versions to a hundred in every place.
    let low = matches!(address.octets(), [first, ..] if first <= 20 && first != 10);
    let mut words = 0;
    let mut nearest = address.octets().iter().all(|octet| *octet < 100);
    for previous in (at.saturating_sub(REACH)..at).rev() {
        let gap = scan.gap_after(previous);
        let word = scan.words.get(previous)?;
        if gap.contains(['\n', ';', '|', ',', ')']) || gap.contains(". ") {
            return None;
        }
        // The numbers of another version: `from 3.1.2.1 to 3.2.0.1`.
        if word.shape.is_number() {
            continue;
        }
        words += 1;
        if words > 3 {
            return None;
        }
        let (version, host) = (word.known.has(Known::VERSION_LABEL), word.known.has(Known::HOST_LABEL));
        // `Product to 3.2.0.1`: the little word says nothing, the one before it does.
        let little = word.known.has(Known::FUNCTION);
        if version && !host {
            return Some(true);
        }
        if host && !little {
            return Some(false);
        }
        if nearest && !little {
            if is_product(word, gap, low) {
                return Some(true);
            }
            nearest = false;
        }
    }
    None
}

/// `Product 10.0.2.4`, `Product/10.0.2.4`, `product-10.0.2.4`
fn is_product(word: &Word, gap: &str, low: bool) -> bool {
    let named = word.shape.has(Shape::FIRST_UPPER) && low
        || word.shape.begins_with_capital()
            && (word.known.has(Known::THING) || !word.known.has(Known::WORD | Known::GIVEN | Known::FAMILY));
    let lettered = !word.shape.has(Shape::FIRST_DIGIT);
    match gap {
        " " => (named && !word.shape.has(Shape::OTHER)) || word.known.has(Known::THING),
        "/" | "-" | "_" => lettered,
        _ => false,
    }
}

/// The address whose first group, or whose first group behind `::`, is a word.
fn v6(text: &str, word: &Word) -> Option<Candidate> {
    let bytes = text.as_bytes();
    let behind_colons = word.start >= 2 && bytes.get(word.start - 2..word.start) == Some(b"::");
    if bytes.get(word.end) != Some(&b':') && !behind_colons {
        return None;
    }
    if !bytes.get(word.start..word.end)?.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let start = if behind_colons { word.start - 2 } else { word.start };
    if in_word(before(text, start))
        || (before(text, start) == Some(':') && (behind_colons || !is_label(text, start - 1)))
    {
        return None;
    }
    let end = run(text, start, |b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
    let written = text.get(start..end)?.trim_end_matches('.');
    let written = if written.ends_with("::") { written } else { written.trim_end_matches(':') };
    let end = start + written.len();
    if written.len() > LONGEST || in_word(after(text, end)) {
        return None;
    }
    let address: Ipv6Addr = written.parse().ok()?;
    let groups = written.split([':', '.']).filter(|group| !group.is_empty()).count();
    // `a::b` is a name in code; an address has a digit and either many groups or a first group of four digits.
    let first = written.split(':').next().unwrap_or_default();
    let local = matches!(first.get(..2), Some("fe" | "fd" | "fc" | "FE" | "FD" | "FC" | "20" | "2a" | "2A" | "26"));
    let telling =
        written.bytes().any(|b| b.is_ascii_digit()) && (groups >= 3 || (groups == 2 && first.len() == 4 && local));
    let telling = telling && (groups >= 4 || !is_clock(written));
    (telling && !address.is_loopback() && !address.is_unspecified()).then(|| Candidate {
        start,
        end,
        detector: &V6,
        identity: Identity::Text(address.to_string()),
    })
}

/// Whether the colon at `at` ends a word, as in `addr:fe80::17`.
fn is_label(text: &str, at: usize) -> bool {
    before(text, at).is_some_and(|c| c.is_alphabetic() && !c.is_ascii_hexdigit())
        || text.get(..at).is_some_and(|head| {
            head.bytes().rev().take(6).take_while(u8::is_ascii_alphanumeric).any(|b| !b.is_ascii_hexdigit())
        })
}

/// Groups of two decimal digits only.
fn is_clock(written: &str) -> bool {
    written.split(':').all(|group| group.len() <= 2 && group.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn addresses_are_found() {
        for (text, expected) in [
            ("from 192.168.20.14, retry", "192.168.20.14"),
            ("http://10.0.4.17:8080/x", "10.0.4.17"),
            ("host 2.16.3.4.", "2.16.3.4"),
            ("peer 3.120.4.7/24", "3.120.4.7"),
            ("[fe80::1ff:fe23:4567:890a]", "fe80::1ff:fe23:4567:890a"),
            ("addr:2001:db8::17 up", "2001:db8::17"),
            ("at 2001:db8:0:0:0:0:0:17:", "2001:db8:0:0:0:0:0:17"),
            ("::ffff:192.168.20.14", "::ffff:192.168.20.14"),
            ("[2001:db8::17]:8080", "2001:db8::17"),
            ("fe80::1ff:fe23:4567:890a%eth0", "fe80::1ff:fe23:4567:890a"),
            ("inet6 fd00::8/64", "fd00::8"),
            ("192.168.20.14 - ines [12/Nov", "192.168.20.14"),
            ("läuft auf 109.60.126.216", "109.60.126.216"),
            ("ssh ines@172.16.79.148 -p 22", "172.16.79.148"),
            ("remote_addr=198.107.135.59", "198.107.135.59"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn versions_times_and_code_stay() {
        for text in [
            "version 10.0.10.88",
            "v10.0.10.88",
            "SDK 10.0.2.4",
            "1.8.0.1",
            "upgraded from 3.1.2.1 to 3.2.0.1",
            "5.1.1.2",
            "10.0.10.88.1",
            "10.0.10.88-beta",
            "Chrome/53.0.27.85",
            "Kafka 3.29.6.94",
            "on Ceph 7.12.11.25, heap ok",
            "version=7.12.11.25 build",
            "fixed in 7.12.11.25 only",
            "12:30:45.123",
            "10:11::12",
            "dead::beef::1",
            "sha1 da:39:a3:ee:5e:6b:4b:0d:32:55",
            "127.0.0.1",
            "0.0.0.0",
            "255.255.255.0",
            "12:34:56",
            "a::b",
            "std::fmt",
            "::",
            "::1",
            "Foo::bad:cafe:1",
            "00:1b:44:11:3a:b7",
            "999.1.1.1",
            "1:2",
            "....",
            "::::",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn one_thing_over_and_over_takes_no_time() {
        for part in ["1.", "1:", "a:", ":", "::", "1.1.1.1 "] {
            texts(find, &part.repeat(200_000 / part.len()));
        }
    }
}
