//! E-mail addresses, also behind `mailto:` (only the address is taken: the link stays a link).

use super::{Candidate, Detector};
use crate::Kind;
use crate::lexicon;
use crate::placeholders::Identity;
use crate::scan::{Scan, Word};
use crate::words::stands_alone;

static ADDRESS: Detector = Detector::new("email.address", Kind::Email, 98, "It has the form of an e-mail address.");

/// Ends of file names that are no mail domain: `icon@2x.png`.
const FILE_ENDINGS: &[&str] = &[
    "bmp", "class", "css", "csv", "dll", "dylib", "exe", "gif", "gz", "htm", "html", "ico", "jar", "java", "jpeg",
    "jpg", "js", "json", "log", "pdf", "png", "psd", "svg", "tgz", "ts", "txt", "webp", "xml", "yaml", "yml",
];

static SPELLED: Detector =
    Detector::new("email.spelled", Kind::Email, 85, "It is an e-mail address with \"at\" and \"dot\" spelled out.");

pub(crate) fn find(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let text = scan.text;
    for at in scan.ats.iter().copied() {
        let (Some(start), Some(end)) = (local_start(text, at), domain_end(text, at + 1)) else {
            continue;
        };
        // The remote of a repository, `git@host:group/repository`, is nobody's address.
        if &text[start..at] == "git" && text[end..].starts_with([':', '/']) {
            continue;
        }
        let identity = Identity::Text(text[start..end].replace('\\', "").to_lowercase());
        found.push(Candidate { start, end, detector: &ADDRESS, identity });
    }
    // Only where a sign is spelled: a bracket around "at", or the word "dot".
    if scan.words.iter().any(|word| is_dot(text, word)) || scan.tied_words().any(|word| is_bracketed(text, word)) {
        spelled(scan, found);
    }
}

/// The word in `example dot org`.
fn is_dot(text: &str, word: &Word) -> bool {
    const DOT: u64 = lexicon::hash("dot");
    let spelled = || [" dot", " DOT"].iter().any(|dot| text[..word.end].ends_with(dot));
    word.hash == DOT && word.after == b' ' && spelled()
}

/// `dot]`, `at)`
fn is_bracketed(text: &str, word: &Word) -> bool {
    let head = &text[..word.end];
    match word.after {
        b']' => head.ends_with("dot") || head.ends_with("at"),
        b')' => head.ends_with("dot") || head.ends_with("at") || head.ends_with("AT"),
        _ => false,
    }
}

/// Addresses such as `ines dot okafor at example dot org` and `ines [at] example.org`.
fn spelled(scan: &Scan<'_>, found: &mut Vec<Candidate>) {
    let is = |word: usize, spelling: &str| scan.word_text(word).eq_ignore_ascii_case(spelling);
    // Spaces and brackets around a spelled sign; whether there is a bracket.
    let spaced = |gap: &str| (1..=3).contains(&gap.len()) && gap.bytes().all(|b| b" ()[]{}<>_-".contains(&b));
    let bracketed = |gap: &str| gap.bytes().any(|b| b"([{<".contains(&b));
    let tied = |gap: &str| matches!(gap, "." | "_" | "-" | "+");
    for at in 1..scan.words.len().saturating_sub(1) {
        if scan.words[at].end - scan.words[at].start != 2
            || !is(at, "at")
            || !spaced(scan.gap_before(at))
            || !spaced(scan.gap_after(at))
        {
            continue;
        }
        let mut certain = bracketed(scan.gap_before(at));
        let mut first = at - 1;
        while first > 0 {
            if tied(scan.gap_before(first)) {
                first -= 1;
            } else if first > 1
                && is(first - 1, "dot")
                && spaced(scan.gap_before(first))
                && spaced(scan.gap_before(first - 1))
            {
                first -= 2;
            } else {
                break;
            }
        }
        let mut last = at + 1;
        let mut labels = 1;
        while last + 1 < scan.words.len() && labels < 6 {
            if matches!(scan.gap_after(last), "." | "-") {
                last += 1;
            } else if last + 2 < scan.words.len()
                && is(last + 1, "dot")
                && spaced(scan.gap_after(last))
                && spaced(scan.gap_after(last + 1))
            {
                last += 2;
                certain = true;
            } else {
                break;
            }
            labels += 1;
        }
        if certain && labels > 1 && may_be_top_level(scan.word_text(last)) {
            let (start, end) = (scan.words[first].start, scan.words[last].end);
            let words = scan.words_in(start..end).iter().map(|word| &scan.text[word.start..word.end]);
            let normal: String = words
                .map(|word| match word.to_lowercase().as_str() {
                    "at" => "@".to_owned(),
                    "dot" => ".".to_owned(),
                    word => word.to_owned(),
                })
                .collect();
            found.push(Candidate { start, end, detector: &SPELLED, identity: Identity::Text(normal) });
        }
    }
}

/// Where the part before the `@` at `at` begins; a backslash that only escapes the `@` belongs to neither side.
fn local_start(text: &str, at: usize) -> Option<usize> {
    let before = &text[..at];
    let local = before.strip_suffix('\\').unwrap_or(before);
    let belongs =
        |c: char| (c.is_alphanumeric() && !stands_alone(c)) || matches!(c, '.' | '_' | '+' | '-' | '\'' | '%');
    let run = local.len() - local.trim_end_matches(belongs).len();
    let trimmed = local[local.len() - run..].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '_');
    (!trimmed.is_empty()).then(|| local.len() - trimmed.len())
}

/// Where the domain that begins at `start` ends: after the last label that may be a top-level domain.
fn domain_end(text: &str, start: usize) -> Option<usize> {
    let belongs = |c: char| (c.is_alphanumeric() && !stands_alone(c)) || matches!(c, '.' | '-');
    let after = &text[start..];
    let run = &after[..after.find(|c| !belongs(c)).unwrap_or(after.len())];
    let is_number = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    let mut end = None;
    let mut at = start;
    let mut labels = 0;
    let mut numbers = 0;
    for label in run.split('.') {
        let name = label.trim_end_matches('-');
        if name.is_empty() {
            break;
        }
        // Two numbers first make a version, as in `package@1.2.final`.
        numbers += usize::from(numbers == labels && is_number(name));
        labels += 1;
        if labels > 1 && numbers < 2 && may_be_top_level(name) {
            end = Some(at + name.len());
        }
        if name.len() < label.len() {
            break;
        }
        at += label.len() + 1;
    }
    end
}

fn may_be_top_level(label: &str) -> bool {
    let letters = label.chars().take(2).filter(|c| c.is_alphabetic()).count();
    letters == 2 && !FILE_ENDINGS.contains(&label.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::texts;

    #[test]
    fn addresses_are_found_without_what_stands_around_them() {
        for (text, expected) in [
            ("Write to ines.okafor+jira@mail.example.org.", "ines.okafor+jira@mail.example.org"),
            ("<a href=\"mailto:bram@example.org\">", "bram@example.org"),
            ("[mail|mailto:bram@example.org]", "bram@example.org"),
            ("&lt;bram@example.org&gt;", "bram@example.org"),
            ("'bram@example.org'", "bram@example.org"),
            ("bram\\@example.org", "bram\\@example.org"),
            ("联系bram@example.org谢谢", "bram@example.org"),
            ("müller@exämple.org", "müller@exämple.org"),
            ("long@163.com", "long@163.com"),
            ("bram@example.org.1", "bram@example.org"),
            ("bram@example.org-", "bram@example.org"),
        ] {
            assert_eq!(texts(find, text), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_resembles_an_address_stays() {
        for text in [
            "icon@2x.png",
            "lodash@4.17.21",
            "sdk@3.2.0.GA",
            "git@host.example:group/repository.git",
            "@example.org",
            "a @ b.org",
            "root@build",
            "a@b",
            "@",
            "@@@@",
            "me@.org",
            "Object@1f2e3d.java",
        ] {
            assert_eq!(texts(find, text), [""; 0], "{text}");
        }
    }
}
