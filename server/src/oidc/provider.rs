//! The provider, through the crate `openidconnect`.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdTokenClaims,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    TokenResponse as _,
};
use policy::Timestamp;
use service::identities::{Identity, Vouched};
use tokio::sync::Mutex;

use super::{CALLBACK, OidcError, Question};
use crate::config::OidcSettings;

/// A provider that answers at all answers sooner.
const LONGEST_ANSWER: Duration = Duration::from_secs(5);

/// What the provider says of itself is asked again after so many microseconds,
const KNOWN_FOR: i64 = 60 * 60_000_000;
/// and no sooner than this when it signs with a key that is not known.
const ASKED_AGAIN_AFTER: i64 = 60_000_000;

/// As long as a subject may be (OpenID Connect Core 1.0, section 2).
const LONGEST_SUBJECT: usize = 255;

/// Signatures that only the provider can make: not those with a secret that both have, and not none.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider to which sign-in can be handed. What it says of itself is asked when it is first needed, so that one that is
/// down keeps nothing else from working.
#[derive(Debug)]
pub struct Provider {
    name: String,
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    redirect: RedirectUrl,
    http: reqwest::Client,
    known: Mutex<Option<Known>>,
}

/// What the provider says of itself, with its keys, and when it said so.
#[derive(Clone, Debug)]
struct Known {
    metadata: Arc<CoreProviderMetadata>,
    at: i64,
}

impl Provider {
    /// # Errors
    /// When an address is none, or the machine has no certificates that can be read.
    pub fn new(settings: OidcSettings) -> Result<Self, OidcError> {
        let here = settings.is_here();
        let client = |error: &dyn std::error::Error| OidcError::Client(with_causes(error));
        // Nobody says where to but the provider: a redirect could lead into the network that Sluice stands in.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .https_only(!here)
            .timeout(LONGEST_ANSWER);
        let http = if here { http.no_proxy() } else { http };
        Ok(Self {
            http: http.build().map_err(|error| client(&error))?,
            redirect: RedirectUrl::new(settings.public_url + CALLBACK).map_err(|error| client(&error))?,
            issuer: IssuerUrl::new(settings.issuer).map_err(|error| client(&error))?,
            client_id: ClientId::new(settings.client_id),
            client_secret: ClientSecret::new(settings.client_secret),
            name: settings.name,
            known: Mutex::default(),
        })
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where to send somebody, and what to keep until they are back. With `again` the provider has to make them show who
    /// they are even if they are signed in there.
    ///
    /// # Errors
    /// [`OidcError::Unreachable`] when the provider does not say where that is.
    pub(crate) async fn ask(&self, again: bool, now: Timestamp) -> Result<(String, Question), OidcError> {
        let metadata = self.metadata(now, KNOWN_FOR).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.client_id.clone(), None)
            .set_redirect_uri(self.redirect.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge);
        let request = match again {
            true => request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO),
            false => request,
        };
        let (url, state, nonce) = request.url();
        let question = Question {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            asked_at: now.micros(),
        };
        Ok((url.into(), question))
    }

    /// Whom the provider vouches for, by the code that they came back with.
    ///
    /// # Errors
    /// When it cannot be asked, or something about its answer is not as it has to be.
    pub(crate) async fn vouched(&self, question: &Question, code: &str, now: Timestamp) -> Result<Vouched, OidcError> {
        let metadata = self.metadata(now, KNOWN_FOR).await?;
        let answer = self.exchange(&metadata, question, code).await?;
        let claims = match self.claims(&metadata, &answer, question, now) {
            // It may sign with a new key, of which it tells whoever asks again.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let metadata = self.metadata(now, ASKED_AGAIN_AFTER).await?;
                self.claims(&metadata, &answer, question, now)
            }
            claims => claims,
        };
        let claims = claims.map_err(|error| OidcError::NotBelieved(error.to_string()))?;
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !subject.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(OidcError::NotBelieved("the subject is none".to_owned()));
        }
        let verified = claims.email().filter(|_| claims.email_verified() == Some(true)).map(|email| email.to_string());
        Ok(Vouched {
            identity: Identity { issuer: self.issuer.to_string(), subject: subject.to_owned() },
            // What has a control character in it is no address, and no text for every database.
            verified_email: verified.filter(|email| !email.contains(char::is_control)),
            authenticated_at: claims.auth_time().map(|at| Timestamp::from_micros(at.timestamp_micros())),
        })
    }

    /// What the provider says of itself, no older than so many microseconds.
    async fn metadata(&self, now: Timestamp, no_older: i64) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        // Held while it is asked: of many who come at once, one asks.
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| (0..no_older).contains(&(now.micros() - known.at))) {
            return Ok(Arc::clone(&known.metadata));
        }
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = Arc::new(metadata.map_err(|error| discovery(&error))?);
        *known = Some(Known { metadata: Arc::clone(&metadata), at: now.micros() });
        Ok(metadata)
    }

    async fn exchange(
        &self,
        metadata: &CoreProviderMetadata,
        question: &Question,
        code: &str,
    ) -> Result<CoreTokenResponse, OidcError> {
        let secret = Some(self.client_secret.clone());
        // Without a list it takes the secret in the header (OpenID Connect Discovery 1.0, section 3).
        let in_header = metadata
            .token_endpoint_auth_methods_supported()
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id.clone(), secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(if in_header { AuthType::BasicAuth } else { AuthType::RequestBody });
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OidcError::NotBelieved(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(question.verifier.clone()));
        request.request_async(&self.http).await.map_err(|error| match error {
            RequestTokenError::Request(error) => OidcError::Unreachable(with_causes(&error)),
            // Its own description may name somebody.
            RequestTokenError::ServerResponse(error) => OidcError::NotBelieved(format!("it answers {}", error.error())),
            RequestTokenError::Parse(..) => OidcError::NotBelieved("its tokens cannot be read".to_owned()),
            RequestTokenError::Other(what) => OidcError::NotBelieved(what),
        })
    }

    /// What the ID token claims: by this provider, for us, in time, with the nonce that was asked with.
    fn claims(
        &self,
        metadata: &CoreProviderMetadata,
        answer: &CoreTokenResponse,
        question: &Question,
        now: Timestamp,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let token = answer.id_token().ok_or(ClaimsVerificationError::Other("there is no ID token".to_owned()))?;
        let at = DateTime::<Utc>::from_timestamp_micros(now.micros()).unwrap_or_default();
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id.clone(), None);
        let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(move || at);
        token.claims(&verifier, &Nonce::new(question.nonce.clone())).cloned()
    }
}

fn discovery<E: std::error::Error + 'static>(error: &DiscoveryError<E>) -> OidcError {
    match error {
        DiscoveryError::Request(error) => OidcError::Unreachable(with_causes(error)),
        DiscoveryError::Response(status, ..) => OidcError::Unreachable(format!("it answers {status}")),
        other => OidcError::NotBelieved(with_causes(other)),
    }
}

/// An error with what caused it, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
