//! Who is calling: customers by a token that the lender's back end signed, staff by a session cookie.

use crate::App;
use crate::error::ApiError;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jieti_domain::conversation::{Channel, Customer};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_store::StaffRow;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use thiserror::Error;

pub const COOKIE_NAME: &str = "jieti_staff";
/// A shift and a half.
pub const STAFF_SESSION_SECS: i64 = 12 * 3600;
/// A customer's session outlives an evening; the widget asks for a new one by itself.
const CUSTOMER_SESSION_SECS: i64 = 24 * 3600;

/// Signs and checks tokens. Two keys from one secret, so that a session is no identity and the other way round.
pub struct Keys {
    identity: [u8; 32],
    session: [u8; 32],
}

/// What the lender's back end vouches for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    customer: String,
    name: Option<String>,
    /// Seconds since 1970 at which the token ends.
    exp: i64,
}

/// A customer's session: who, in which language, on which channel. Signed, so nothing of it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub customer: Customer,
    pub lang: Lang,
    pub channel: Channel,
    /// Seconds since 1970.
    exp: i64,
}

/// Why a token was not accepted.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum IdentityError {
    #[error("token is not <payload>.<signature> in base64url; see docs/identity.md")]
    Malformed,
    #[error("token's signature is wrong; sign it with the identity secret of this server")]
    Signature,
    #[error("token has expired; ask the lender's back end for a new one")]
    Expired,
}

impl Keys {
    pub fn new(secret: &str) -> Self {
        let key = |label: &str| Sha256::digest(format!("jieti {label} {secret}")).into();
        Self { identity: identity_key(secret), session: key("session") }
    }

    /// # Errors
    /// See [`IdentityError`].
    pub fn identity(&self, token: &str, now: Timestamp) -> Result<Customer, IdentityError> {
        let identity: Identity = open(&self.identity, token)?;
        if identity.exp <= now.0 / 1000 {
            return Err(IdentityError::Expired);
        }
        Ok(Customer { id: identity.customer.into_id(), name: identity.name, signed_in: true })
    }

    pub fn seal_session(&self, customer: &Customer, lang: Lang, channel: Channel, now: Timestamp) -> String {
        seal(&self.session, &Session { customer: customer.clone(), lang, channel, exp: now.0 / 1000 + CUSTOMER_SESSION_SECS })
    }

    /// # Errors
    /// See [`IdentityError`].
    pub fn session(&self, token: &str, now: Timestamp) -> Result<Session, IdentityError> {
        let session: Session = open(&self.session, token)?;
        if session.exp <= now.0 / 1000 { Err(IdentityError::Expired) } else { Ok(session) }
    }
}

trait IntoId {
    fn into_id(self) -> jieti_domain::id::CustomerId;
}

impl IntoId for String {
    fn into_id(self) -> jieti_domain::id::CustomerId {
        jieti_domain::id::CustomerId::new(self)
    }
}

/// The lender's key is the secret itself, so that its back end needs nothing but HMAC-SHA-256.
fn identity_key(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// An identity token as the lender's back end makes it: `base64url(json) . base64url(HMAC-SHA-256(sha256(secret), json))`.
pub fn sign_identity(secret: &str, customer: &str, name: Option<&str>, expires_at: Timestamp) -> String {
    let identity = Identity { customer: customer.to_owned(), name: name.map(str::to_owned), exp: expires_at.0 / 1000 };
    seal(&identity_key(secret), &identity)
}

fn mac(key: &[u8; 32], payload: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(payload);
    mac
}

fn seal(key: &[u8; 32], payload: &impl Serialize) -> String {
    let payload = serde_json::to_vec(payload).expect("tokens have string keys");
    let signature = mac(key, &payload).finalize().into_bytes();
    format!("{}.{}", BASE64.encode(&payload), BASE64.encode(signature))
}

fn open<T: serde::de::DeserializeOwned>(key: &[u8; 32], token: &str) -> Result<T, IdentityError> {
    let (payload, signature) = token.split_once('.').ok_or(IdentityError::Malformed)?;
    let decode = |part: &str| BASE64.decode(part).map_err(|_| IdentityError::Malformed);
    let (payload, signature) = (decode(payload)?, decode(signature)?);
    mac(key, &payload).verify_slice(&signature).map_err(|_| IdentityError::Signature)?;
    serde_json::from_slice(&payload).map_err(|_| IdentityError::Malformed)
}

/// A password as stored: argon2id with a salt of its own, in PHC text form.
///
/// # Errors
/// Where the password is empty or too long for argon2.
pub fn hash_password(password: &str) -> Result<String, String> {
    Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(|e| e.to_string())
}

pub fn password_matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// 32 random bytes, in base64url.
pub fn new_token() -> String {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    BASE64.encode(bytes)
}

/// Sessions are stored hashed: who reads the store cannot use them.
pub fn token_hash(token: &str) -> String {
    BASE64.encode(Sha256::digest(token))
}

/// A customer with a valid session in `Authorization: Bearer`.
pub struct SignedCustomer(pub Customer);

impl FromRequestParts<App> for SignedCustomer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        SignedSession::from_request_parts(parts, app).await.map(|session| Self(session.0.customer))
    }
}

/// The same, with the language and channel of the session.
pub struct SignedSession(pub Session);

impl FromRequestParts<App> for SignedSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|h| h.to_str().ok()).unwrap_or_default();
        let token = header.strip_prefix("Bearer ").unwrap_or_default();
        app.keys.session(token, app.engine.now()).map(Self).map_err(session_error)
    }
}

pub fn session_error(error: IdentityError) -> ApiError {
    ApiError::unauthorized("session.invalid", format!("{error}; open a session with POST /api/customer/session"))
}

/// A logged-in member of staff.
pub struct SignedStaff(pub StaffRow);

impl FromRequestParts<App> for SignedStaff {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let not_logged_in = || ApiError::unauthorized("staff.logged_out", "you are not logged in; log in and try again");
        let token = staff_cookie(parts).ok_or_else(not_logged_in)?;
        let staff = app.engine.store().session_staff(&token_hash(&token), app.engine.now()).await?;
        staff.map(Self).ok_or_else(not_logged_in)
    }
}

/// The language in which a member of staff reads: `Accept-Language` begins with `en`, or it is Chinese.
#[derive(Clone, Copy)]
pub struct ReadsIn(pub Lang);

impl<S: Send + Sync> FromRequestParts<S> for ReadsIn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let wanted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|h| h.to_str().ok()).unwrap_or_default();
        Ok(Self(if wanted.trim_start().starts_with("en") { Lang::En } else { Lang::ZhCn }))
    }
}

pub fn staff_cookie(parts: &Parts) -> Option<String> {
    parts
        .headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|h| h.to_str().ok())
        .flat_map(|h| h.split(';'))
        .find_map(|c| c.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('=').map(str::to_owned))
}

impl SignedStaff {
    /// # Errors
    /// 403 with the roles that would do.
    pub fn must_be(&self, roles: &[&str]) -> Result<(), ApiError> {
        if self.0.roles.iter().any(|r| r == "admin" || roles.contains(&r.as_str())) {
            return Ok(());
        }
        let message = format!("{} may not do this; it needs the role {}", self.0.name, roles.join(" or "));
        Err(ApiError::new(StatusCode::FORBIDDEN, "staff.role", message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_token_signed_with_the_secret_and_still_fresh_is_an_identity() {
        let secret = "a secret of the lender's back end";
        let keys = Keys::new(secret);
        let now = Timestamp(1_000_000);
        let token = sign_identity(secret, "c1001", Some("张伟"), now.plus_secs(60));
        let customer = keys.identity(&token, now).expect("fresh and signed");
        assert_eq!((customer.id.as_str(), customer.signed_in), ("c1001", true));
        assert_eq!(keys.identity(&token, now.plus_secs(61)), Err(IdentityError::Expired));
        let forged = sign_identity("another secret", "c1001", None, now.plus_secs(60));
        assert_eq!(keys.identity(&forged, now), Err(IdentityError::Signature));
        assert_eq!(keys.identity("nonsense", now), Err(IdentityError::Malformed));
        let session = keys.seal_session(&customer, Lang::En, Channel::App, now);
        assert_eq!(keys.identity(&session, now), Err(IdentityError::Signature));
        let session = keys.session(&session, now).expect("fresh and signed");
        assert_eq!((session.customer, session.lang, session.channel), (customer, Lang::En, Channel::App));
    }

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = hash_password("correct horse").expect("a password of usual length");
        assert!(password_matches("correct horse", &hash));
        assert!(!password_matches("correct horsE", &hash));
        assert!(!password_matches("correct horse", "not a hash"));
    }
}
