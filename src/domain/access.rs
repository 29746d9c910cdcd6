//! Who may call in an account's name: access keys, and the RAM users and roles some of them belong
//! to. What a policy allows is in `ram.rs`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ram::Policy;
use super::time::Timestamp;

/// A text that is nobody's business: it does not show in logs.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_empty() { "-" } else { "***" })
    }
}

impl Secret {
    /// Is none known?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// May an access key be used?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum KeyStatus {
    /// Yes.
    #[default]
    Active,
    /// Disabled.
    Inactive,
}

/// An access key of the account, of one of its RAM users, or a temporary one of a role.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccessKey {
    /// The AccessKeyId.
    pub id: String,
    /// The AccessKeySecret. A key without one takes no signature for right.
    #[serde(skip_serializing_if = "Secret::is_empty")]
    pub secret: Secret,
    /// `Active` or `Inactive`.
    pub status: KeyStatus,
    /// The RAM user it belongs to; empty for the account itself, which may do everything.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ram_user: String,
    /// The role a temporary key was given for, and its session: `ROLE/SESSION`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role_session: String,
    /// What has to be sent along with a temporary key.
    #[serde(skip_serializing_if = "Secret::is_empty")]
    pub security_token: Secret,
    /// A bearer token that stands for this key.
    #[serde(skip_serializing_if = "Secret::is_empty")]
    pub bearer_token: Secret,
    /// Limits a temporary key further than the policies of its role.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub session_policy: Vec<Policy>,
    /// The end of a temporary key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl AccessKey {
    /// Who calls with it.
    pub fn principal(&self) -> Principal {
        if let Some((role, session)) = self.role_session.split_once('/') {
            Principal::Role { role: role.to_owned(), session: session.to_owned() }
        } else if self.ram_user.is_empty() {
            Principal::Account
        } else {
            Principal::User(self.ram_user.clone())
        }
    }

    /// May it be used?
    pub fn is_active(&self) -> bool {
        self.status == KeyStatus::Active
    }

    /// Is its time over?
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Takes over what an export leaves out, from the same key as it was known before.
    fn recall(&mut self, known: &Self) {
        for (own, known) in [
            (&mut self.secret, &known.secret),
            (&mut self.security_token, &known.security_token),
            (&mut self.bearer_token, &known.bearer_token),
        ] {
            if own.is_empty() {
                own.clone_from(known);
            }
        }
    }
}

/// The access keys of an account, shared with whoever looks them up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct AccessKeys(Arc<Vec<AccessKey>>);

impl AccessKeys {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &AccessKey> {
        self.0.iter()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a temporary key; those whose time is over go.
    pub fn add(&mut self, key: AccessKey, now: Timestamp) {
        let keys = Arc::make_mut(&mut self.0);
        keys.retain(|key| !key.is_expired(now));
        keys.push(key);
    }

    /// Are these the very keys that were here before?
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Forgets all secrets and tokens.
    pub(super) fn forget_secrets(&mut self) {
        for key in Arc::make_mut(&mut self.0) {
            key.secret = Secret::default();
            key.security_token = Secret::default();
            key.bearer_token = Secret::default();
        }
    }

    /// Takes over the secrets of keys that are known already and came without theirs.
    pub fn recall(&mut self, known: &Self) {
        for key in Arc::make_mut(&mut self.0) {
            if let Some(known) = known.iter().find(|known| known.id == key.id) {
                key.recall(known);
            }
        }
    }
}

/// A RAM user or role, and what it may do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// The policies attached to it. Without one it may do nothing.
    pub policy: Vec<Policy>,
}

/// Who makes a call in an account's name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Principal {
    /// The account itself.
    #[default]
    Account,
    /// A RAM user, by name.
    User(String),
    /// A role, in a session.
    Role {
        /// The role's name.
        role: String,
        /// The session's name.
        session: String,
    },
}

impl Principal {
    /// Its resource name.
    pub fn arn(&self, account_id: &str) -> String {
        match self {
            Self::Account => format!("acs:ram::{account_id}:root"),
            Self::User(name) => format!("acs:ram::{account_id}:user/{name}"),
            Self::Role { role, session } => {
                format!("acs:ram::{account_id}:assumed-role/{role}/{session}")
            }
        }
    }

    /// Its kind in error details.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::User(_) => "SubUser",
            Self::Role { .. } => "AssumedRoleUser",
        }
    }

    /// Its name in error details.
    pub fn display_name(&self, account_id: &str) -> String {
        match self {
            Self::Account => account_id.to_owned(),
            Self::User(name) => name.clone(),
            Self::Role { role, session } => format!("{role}:{session}"),
        }
    }

    /// The RAM user's name; empty for everybody else.
    pub fn user_name(&self) -> &str {
        match self {
            Self::User(name) => name,
            Self::Account | Self::Role { .. } => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, secret: &str) -> AccessKey {
        AccessKey { id: id.to_owned(), secret: Secret(secret.to_owned()), ..AccessKey::default() }
    }

    #[test]
    fn a_secret_does_not_show() {
        assert!(!format!("{:?}", key("a", "hush")).contains("hush"));
    }

    #[test]
    fn keys_without_a_secret_recall_it() {
        let known = AccessKeys(Arc::new(vec![key("a", "hush")]));
        let mut come = AccessKeys(Arc::new(vec![key("a", ""), key("b", ""), key("c", "own")]));
        come.recall(&known);
        let secrets: Vec<&str> = come.iter().map(|key| key.secret.0.as_str()).collect();
        assert_eq!(secrets, ["hush", "", "own"]);
    }
}
