//! IP addresses as the standard library reads them, less the versions, clock times and names in code that look like one.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Candidate, Detector, after, before, in_word, words_before};
use crate::Kind;
use crate::placeholders::Identity;
use crate::scan::Scan;

static V4: Detector = Detector::new("ip.v4", Kind::Ip, 90, "It is an IPv4 address.");
static V6: Detector = Detector::new("ip.v6", Kind::Ip, 90, "It is an IPv6 address.");

/// Words in front of a version, folded.
const VERSION_WORDS: &[&str] = &[
    "android", "api", "beta", "build", "chapter", "chrome", "cli", "edge", "firefox", "firmware", "hotfix", "ios",
    "java", "jdk", "jre", "kernel", "library", "macos", "module", "node", "opera", "os", "patch", "plugin", "rc",
    "rel", "release", "running", "safari", "sdk", "section", "studio", "update", "updated", "upgrade", "upgraded", "v",
    "ver", "version", "versions", "xcode",
];

/// Words in front of an address, folded.
const ADDRESS_WORDS: &[&str] = &[
    "addr",
    "address",
    "bind",
    "client",
    "connect",
    "connected",
    "dns",
    "from",
    "gateway",
    "host",
    "ip",
    "ips",
    "ipv4",
    "peer",
    "ping",
    "proxy",
    "server",
    "ssh",
];

/// The longest written address, in bytes.
const LONGEST: usize = 45;

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    let belongs = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let mut at = 0;
    while let Some(offset) = text[at..].find(belongs) {
        let start = at + offset;
        let run = &text[start..start + text[start..].find(|c| !belongs(c)).unwrap_or(text.len() - start)];
        at = start + run.len();
        if run.contains(['.', ':']) {
            find_v4(text, start, run, found);
            find_v6(text, start, run, found);
        }
    }
}

/// `run` is the stretch of hexadecimal digits, dots and colons that begins at `start`: an address may stand inside, as with
/// a port behind it.
fn find_v4(text: &str, start: usize, run: &str, found: &mut Vec<Candidate>) {
    let mut at = start;
    for part in run.split(':') {
        let trimmed = part.trim_matches('.');
        let begin = at + (part.len() - part.trim_start_matches('.').len());
        at += part.len() + 1;
        let Ok(address) = trimmed.parse::<Ipv4Addr>() else {
            continue;
        };
        let end = begin + trimmed.len();
        if is_whole(text, begin, end)
            && !address.is_loopback()
            && !address.is_unspecified()
            && address.octets()[0] != 255
            && !is_version(text, begin, end, address)
        {
            found.push(Candidate { start: begin, end, detector: &V4, identity: Identity::Text(address.to_string()) });
        }
    }
}

/// Whether nothing that belongs to a longer name or number hangs on to the address.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let dotted_before = before(text, start) == Some('.');
    let tail = after(text, end);
    let beyond = text[end..].chars().nth(1);
    let dotted_after = matches!(tail, Some('.' | '-')) && beyond.is_some_and(char::is_alphanumeric);
    !in_word(before(text, start)) && !in_word(tail) && !dotted_before && !dotted_after
}

/// Whether four numbers with dots are a version: a word before them says so, or they are small and nothing says otherwise.
fn is_version(text: &str, start: usize, end: usize, address: Ipv4Addr) -> bool {
    let near: Vec<String> = words_before(text, start).take(2).collect();
    let tail = &text[end..];
    let port_or_mask = tail.strip_prefix([':', '/']).is_some_and(|tail| tail.starts_with(|c: char| c.is_ascii_digit()));
    if port_or_mask || text[..start].ends_with("://") || text[..start].ends_with('@') {
        return false;
    }
    if near.iter().any(|word| VERSION_WORDS.contains(&word.as_str())) || is_product(text, start) {
        return true;
    }
    let small = address.octets()[0] <= 3 || address.octets().iter().all(|octet| *octet <= 9);
    small && !near.iter().any(|word| ADDRESS_WORDS.contains(&word.as_str()))
}

/// `Product/10.0.2.4`
fn is_product(text: &str, start: usize) -> bool {
    text[..start].strip_suffix('/').is_some_and(|product| product.ends_with(char::is_alphabetic))
}

fn find_v6(text: &str, start: usize, run: &str, found: &mut Vec<Candidate>) {
    // A colon before or after a whole address belongs to the sentence, two of them to the address.
    let skipped = usize::from(run.starts_with(':') && !run.starts_with("::"));
    let written = run[skipped..].trim_end_matches('.');
    let written = if written.ends_with("::") { written } else { written.trim_end_matches(':') };
    let (begin, end) = (start + skipped, start + skipped + written.len());
    if written.len() > LONGEST || in_word(before(text, begin)) || in_word(after(text, end)) {
        return;
    }
    let Ok(address) = written.parse::<Ipv6Addr>() else {
        return;
    };
    let groups = written.split([':', '.']).filter(|group| !group.is_empty()).count();
    // `a::b` is a name in code; an address has a digit and either many groups or a first group of four digits.
    let first = written.split(':').next().unwrap_or_default();
    let telling = written.bytes().any(|b| b.is_ascii_digit()) && (groups >= 3 || (groups == 2 && first.len() == 4));
    if telling && !address.is_loopback() && !address.is_unspecified() {
        found.push(Candidate { start: begin, end, detector: &V6, identity: Identity::Text(address.to_string()) });
    }
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
}
