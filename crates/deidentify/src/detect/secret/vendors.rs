//! The shapes of keys and tokens that show by themselves whose they are.

use Alphabet::{Alnum, Base64, Dotted, Hex, HexDash, LowerDigit, Percent, UpperDigit, Url, Webhook};

use crate::Kind;
use crate::detect::Detector;

/// What may stand in a token behind its prefix.
#[derive(Debug, Clone, Copy)]
pub(super) enum Alphabet {
    Hex,
    HexDash,
    UpperDigit,
    LowerDigit,
    Alnum,
    /// Letters, digits, `-` and `_`.
    Url,
    /// As `Url`, with dots.
    Dotted,
    /// As `Alnum`, with `%`.
    Percent,
    Base64,
    /// As `Base64`, with `@`.
    Webhook,
}

impl Alphabet {
    pub(super) fn has(self, b: u8) -> bool {
        match self {
            Hex => b.is_ascii_hexdigit(),
            HexDash => b.is_ascii_hexdigit() || b == b'-',
            UpperDigit => b.is_ascii_uppercase() || b.is_ascii_digit(),
            LowerDigit => b.is_ascii_lowercase() || b.is_ascii_digit(),
            Alnum => b.is_ascii_alphanumeric(),
            Url => b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'),
            Dotted => b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'),
            Percent => b.is_ascii_alphanumeric() || b == b'%',
            Base64 => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'),
            Webhook => Base64.has(b) || b == b'@',
        }
    }
}

/// A token of one vendor: a prefix, then so many characters of an alphabet.
#[derive(Debug)]
pub(super) struct Vendor {
    pub(super) detector: Detector,
    pub(super) prefix: &'static str,
    alphabet: Alphabet,
    min: usize,
    max: usize,
}

const fn vendor(
    id: &'static str,
    evidence: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    min: usize,
    max: usize,
) -> Vendor {
    Vendor { detector: Detector::new(id, Kind::Secret, 95, evidence), prefix, alphabet, min, max }
}

const LONG: usize = 400;

const AWS: &str = "It has the form of an AWS access key.";
const GITHUB: &str = "It has the form of a GitHub token.";
const GITLAB: &str = "It has the form of a GitLab token.";
const SLACK: &str = "It has the form of a Slack token.";
const STRIPE: &str = "It has the form of a Stripe key.";
const GOOGLE: &str = "It has the form of a Google key.";
const SHOPIFY: &str = "It has the form of a Shopify token.";
const SQUARE: &str = "It has the form of a Square token.";
const DIGITAL_OCEAN: &str = "It has the form of a DigitalOcean token.";
const ATLASSIAN: &str = "It has the form of an Atlassian token.";
const NEW_RELIC: &str = "It has the form of a New Relic key.";
const OPENAI: &str = "It has the form of an OpenAI key.";
const NOTION: &str = "It has the form of a Notion token.";
const PLANETSCALE: &str = "It has the form of a PlanetScale token.";
const DOPPLER: &str = "It has the form of a Doppler token.";
const VAULT: &str = "It has the form of a Vault token.";
const GRAFANA: &str = "It has the form of a Grafana token.";
const SENTRY: &str = "It has the form of a Sentry token.";
const SUPABASE: &str = "It has the form of a Supabase key.";
const WEBHOOK: &str = "It is a webhook address, which lets anybody post.";

/// The more exact of two that begin alike stands first.
#[rustfmt::skip]
pub(super) static VENDORS: &[Vendor] = &[
    vendor("secret.aws-key", AWS, "AKIA", UpperDigit, 16, 16),
    vendor("secret.aws-key", AWS, "ASIA", UpperDigit, 16, 16),
    vendor("secret.aws-key", AWS, "ABIA", UpperDigit, 16, 16),
    vendor("secret.aws-key", AWS, "ACCA", UpperDigit, 16, 16),
    vendor("secret.github-token", GITHUB, "ghp_", Alnum, 30, 255),
    vendor("secret.github-token", GITHUB, "gho_", Alnum, 30, 255),
    vendor("secret.github-token", GITHUB, "ghu_", Alnum, 30, 255),
    vendor("secret.github-token", GITHUB, "ghs_", Alnum, 30, 255),
    vendor("secret.github-token", GITHUB, "ghr_", Alnum, 30, 255),
    vendor("secret.github-token", GITHUB, "github_pat_", Url, 40, 255),
    vendor("secret.gitlab-token", GITLAB, "glpat-", Dotted, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "gldt-", Url, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glrt-", Dotted, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glrtr-", Dotted, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glptt-", Url, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glcbt-", Url, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glsoat-", Url, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glft-", Url, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glimt-", Url, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "glagent-", Url, 18, LONG),
    vendor("secret.gitlab-token", GITLAB, "gloas-", Url, 18, LONG),
    vendor("secret.slack-token", SLACK, "xoxa-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxb-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxc-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxd-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxe-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxe.xox", Dotted, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxo-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxp-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxr-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xoxs-", Url, 20, LONG),
    vendor("secret.slack-token", SLACK, "xapp-", Url, 20, LONG),
    vendor("secret.webhook", WEBHOOK, "hooks.slack.com/services/", Base64, 20, 120),
    vendor("secret.webhook", WEBHOOK, "hooks.slack.com/workflows/", Base64, 20, 120),
    vendor("secret.webhook", WEBHOOK, "hooks.slack.com/triggers/", Base64, 20, 120),
    vendor("secret.webhook", WEBHOOK, "discord.com/api/webhooks/", Base64, 40, 160),
    vendor("secret.webhook", WEBHOOK, "discordapp.com/api/webhooks/", Base64, 40, 160),
    vendor("secret.webhook", WEBHOOK, "webhook.office.com/webhookb2/", Webhook, 60, 300),
    vendor("secret.private-key", "It is a private key in base 64.", "LS0tLS1CRUdJTiB", Base64, 60, 20_000),
    vendor("secret.stripe-key", STRIPE, "sk_live_", Alnum, 16, 255),
    vendor("secret.stripe-key", STRIPE, "sk_test_", Alnum, 16, 255),
    vendor("secret.stripe-key", STRIPE, "rk_live_", Alnum, 16, 255),
    vendor("secret.stripe-key", STRIPE, "rk_test_", Alnum, 16, 255),
    vendor("secret.stripe-key", STRIPE, "pk_live_", Alnum, 16, 255),
    vendor("secret.stripe-key", STRIPE, "pk_test_", Alnum, 16, 255),
    vendor("secret.stripe-key", STRIPE, "whsec_", Base64, 24, 100),
    vendor("secret.google-key", GOOGLE, "AIza", Url, 33, 38),
    vendor("secret.google-key", GOOGLE, "GOCSPX-", Url, 20, 60),
    vendor("secret.google-key", GOOGLE, "ya29.", Dotted, 20, 2000),
    vendor("secret.google-key", GOOGLE, "1//0", Url, 35, 300),
    vendor("secret.npm-token", "It has the form of an npm token.", "npm_", Alnum, 30, 60),
    vendor("secret.pypi-token", "It has the form of a PyPI token.", "pypi-", Url, 50, LONG),
    vendor("secret.docker-token", "It has the form of a Docker token.", "dckr_pat_", Url, 20, 80),
    vendor("secret.docker-token", "It has the form of a Docker token.", "dckr_oat_", Url, 20, 80),
    vendor("secret.shopify-token", SHOPIFY, "shpat_", Hex, 32, 32),
    vendor("secret.shopify-token", SHOPIFY, "shpca_", Hex, 32, 32),
    vendor("secret.shopify-token", SHOPIFY, "shppa_", Hex, 32, 32),
    vendor("secret.shopify-token", SHOPIFY, "shpss_", Hex, 32, 32),
    vendor("secret.sendgrid-key", "It has the form of a SendGrid key.", "SG.", Dotted, 40, 120),
    vendor("secret.mailgun-key", "It has the form of a Mailgun key.", "key-", Alnum, 32, 32),
    vendor("secret.square-token", SQUARE, "sq0atp-", Url, 20, 80),
    vendor("secret.square-token", SQUARE, "sq0csp-", Url, 20, 80),
    vendor("secret.square-token", SQUARE, "sq0idp-", Url, 20, 80),
    vendor("secret.square-token", SQUARE, "EAAAE", Url, 55, 64),
    vendor("secret.digitalocean-token", DIGITAL_OCEAN, "dop_v1_", Hex, 60, 68),
    vendor("secret.digitalocean-token", DIGITAL_OCEAN, "doo_v1_", Hex, 60, 68),
    vendor("secret.digitalocean-token", DIGITAL_OCEAN, "dor_v1_", Hex, 60, 68),
    vendor("secret.heroku-key", "It has the form of a Heroku key.", "HRKU-", Url, 30, 100),
    vendor("secret.atlassian-token", ATLASSIAN, "ATATT3", Base64, 40, LONG),
    vendor("secret.atlassian-token", ATLASSIAN, "ATCTT3", Base64, 40, LONG),
    vendor("secret.atlassian-token", ATLASSIAN, "ATBB", Alnum, 20, 60),
    vendor("secret.databricks-token", "It has the form of a Databricks token.", "dapi", HexDash, 32, 34),
    vendor("secret.new-relic-key", NEW_RELIC, "NRAK-", UpperDigit, 25, 30),
    vendor("secret.new-relic-key", NEW_RELIC, "NRII-", Url, 30, 34),
    vendor("secret.new-relic-key", NEW_RELIC, "NRJS-", Hex, 18, 20),
    vendor("secret.new-relic-key", NEW_RELIC, "NRRA-", Hex, 40, 44),
    vendor("secret.anthropic-key", "It has the form of an Anthropic key.", "sk-ant-", Url, 40, LONG),
    vendor("secret.openai-key", OPENAI, "sk-proj-", Url, 40, LONG),
    vendor("secret.openai-key", OPENAI, "sk-svcacct-", Url, 40, LONG),
    vendor("secret.openai-key", OPENAI, "sk-", Url, 32, LONG),
    vendor("secret.huggingface-token", "It has the form of a Hugging Face token.", "hf_", Alnum, 30, 60),
    vendor("secret.linear-key", "It has the form of a Linear key.", "lin_api_", Alnum, 30, 60),
    vendor("secret.notion-token", NOTION, "secret_", Alnum, 40, 50),
    vendor("secret.notion-token", NOTION, "ntn_", Alnum, 40, 60),
    vendor("secret.postman-key", "It has the form of a Postman key.", "PMAK-", HexDash, 55, 62),
    vendor("secret.planetscale-token", PLANETSCALE, "pscale_tkn_", Dotted, 30, 80),
    vendor("secret.planetscale-token", PLANETSCALE, "pscale_pw_", Dotted, 30, 80),
    vendor("secret.planetscale-token", PLANETSCALE, "pscale_oauth_", Dotted, 30, 80),
    vendor("secret.doppler-token", DOPPLER, "dp.pt.", Alnum, 36, 60),
    vendor("secret.doppler-token", DOPPLER, "dp.st.", Dotted, 36, 80),
    vendor("secret.doppler-token", DOPPLER, "dp.ct.", Alnum, 36, 60),
    vendor("secret.doppler-token", DOPPLER, "dp.sa.", Alnum, 36, 60),
    vendor("secret.vault-token", VAULT, "hvs.", Url, 20, LONG),
    vendor("secret.vault-token", VAULT, "hvb.", Url, 20, LONG),
    vendor("secret.vault-token", VAULT, "hvr.", Url, 20, LONG),
    vendor("secret.facebook-token", "It has the form of a Facebook token.", "EAA", Alnum, 60, LONG),
    vendor("secret.twitter-token", "It has the form of a Twitter token.", "AAAAAAAAAAAAAAAAAAAA", Percent, 50, 200),
    vendor("secret.grafana-token", GRAFANA, "glsa_", Url, 32, 60),
    vendor("secret.grafana-token", GRAFANA, "glc_", Base64, 32, LONG),
    vendor("secret.grafana-token", GRAFANA, "eyJrIjoi", Base64, 60, LONG),
    vendor("secret.sentry-token", SENTRY, "sntrys_", Base64, 40, LONG),
    vendor("secret.sentry-token", SENTRY, "sntryu_", Hex, 60, 68),
    vendor("secret.supabase-key", SUPABASE, "sbp_", Hex, 40, 40),
    vendor("secret.supabase-key", SUPABASE, "sb_secret_", Url, 20, 60),
    vendor("secret.fly-token", "It has the form of a Fly token.", "fo1_", Url, 40, 60),
    vendor("secret.airtable-token", "It has the form of an Airtable token.", "pat", Dotted, 79, 79),
    vendor("secret.terraform-token", "It has the form of a Terraform token.", "atlasv1.", Url, 50, 80),
    vendor("secret.figma-token", "It has the form of a Figma token.", "figd_", Url, 35, 60),
    vendor("secret.age-key", "It is a private key of age.", "AGE-SECRET-KEY-1", UpperDigit, 50, 62),
    vendor("secret.rubygems-key", "It has the form of a RubyGems key.", "rubygems_", Hex, 48, 48),
    vendor("secret.artifactory-key", "It has the form of an Artifactory key.", "AKCp", Alnum, 50, 100),
    vendor("secret.buildkite-token", "It has the form of a Buildkite token.", "bkua_", Hex, 40, 40),
    vendor("secret.circleci-token", "It has the form of a CircleCI token.", "CCIPAT_", Url, 40, 100),
    vendor("secret.netlify-token", "It has the form of a Netlify token.", "nfp_", Alnum, 30, 60),
    vendor("secret.dropbox-token", "It has the form of a Dropbox token.", "sl.", Dotted, 100, 1500),
    vendor("secret.cargo-token", "It has the form of a crates.io token.", "cio", Alnum, 32, 32),
    vendor("secret.nuget-key", "It has the form of a NuGet key.", "oy2", LowerDigit, 43, 43),
    vendor("secret.cloudflare-key", "It has the form of a Cloudflare key.", "v1.0-", HexDash, 100, 200),
    vendor("secret.pulumi-token", "It has the form of a Pulumi token.", "pul-", Hex, 40, 40),
    vendor("secret.dynatrace-token", "It has the form of a Dynatrace token.", "dt0c01.", Dotted, 80, 100),
    vendor("secret.easypost-key", "It has the form of an EasyPost key.", "EZAK", Alnum, 54, 54),
    vendor("secret.shippo-token", "It has the form of a Shippo token.", "shippo_live_", Hex, 40, 40),
    vendor("secret.typeform-token", "It has the form of a Typeform token.", "tfp_", Dotted, 40, 80),
];

/// Which three bytes a token may begin with, as bits at a mixed position: a word passes in a few instructions.
static BEGINNINGS: [bool; 4096] = {
    let mut table = [false; 4096];
    let mut at = 0;
    while at < VENDORS.len() {
        let prefix = VENDORS[at].prefix.as_bytes();
        table[mixed(prefix[0], prefix[1], prefix[2])] = true;
        at += 1;
    }
    table
};

/// What each token begins with, close together.
static HEADS: [[u8; 3]; VENDORS.len()] = {
    let mut heads = [[0; 3]; VENDORS.len()];
    let mut at = 0;
    while at < VENDORS.len() {
        let prefix = VENDORS[at].prefix.as_bytes();
        heads[at] = [prefix[0], prefix[1], prefix[2]];
        at += 1;
    }
    heads
};

const fn mixed(one: u8, two: u8, three: u8) -> usize {
    ((one as usize & 63) << 6 | (two as usize & 63)) ^ (three as usize & 31) << 4
}

/// The token that begins `text`, and how long it is.
pub(super) fn read(text: &[u8]) -> Option<(&'static Detector, usize)> {
    let [one, two, three, ..] = text else { return None };
    if !BEGINNINGS[mixed(*one, *two, *three)] {
        return None;
    }
    let alike = HEADS.iter().zip(VENDORS).filter(|(head, _)| **head == [*one, *two, *three]);
    alike.map(|(_, vendor)| vendor).find_map(|vendor| {
        let body = text.strip_prefix(vendor.prefix.as_bytes())?;
        let mut len = body.iter().take(vendor.max + 1).take_while(|b| vendor.alphabet.has(**b)).count();
        if len > vendor.max {
            return None;
        }
        // The stop of a sentence and a dash behind a token are not part of it.
        while len > 0 && matches!(body[len - 1], b'.' | b'/') {
            len -= 1;
        }
        (len >= vendor.min && is_varied(&body[..len])).then_some((&vendor.detector, vendor.prefix.len() + len))
    })
}

/// Whether this is no stand-in such as `xxxxxxxx` or words with dashes between.
fn is_varied(body: &[u8]) -> bool {
    let mut seen = [false; 128];
    for b in body {
        seen[usize::from(b & 127)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    different >= 6
        && ((different >= 16 && body.iter().any(u8::is_ascii_uppercase)) || body.iter().any(u8::is_ascii_digit))
        && !body.ends_with(b"EXAMPLE")
}
