//! The access keys of all accounts: whose world a key enters. Read without any world's lock.

use std::sync::Arc;

use dashmap::DashMap;
use foldhash::fast::RandomState;

use crate::domain::access::{AccessKey, AccessKeys};
use crate::wire::signature::{Claim, Scheme, SigningKey};

/// A key that some account lists.
#[derive(Debug)]
pub struct Listed {
    /// The account.
    pub account: String,
    /// The key.
    pub key: Arc<AccessKey>,
    /// Its secret, to verify with.
    pub signing: SigningKey,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Directory {
    by_id: DashMap<String, Arc<Listed>, RandomState>,
    by_bearer_token: DashMap<String, Arc<Listed>, RandomState>,
}

impl Directory {
    /// The key a request names, if it is listed.
    pub fn find(&self, claim: &Claim<'_>) -> Option<Arc<Listed>> {
        match claim.scheme {
            Scheme::Anonymous => None,
            Scheme::Bearer => self.by_bearer_token.get(claim.bearer_token).as_deref().cloned(),
            _ => self.find_id(claim.key_id),
        }
    }

    /// The key of this id, if it is listed.
    pub fn find_id(&self, key_id: &str) -> Option<Arc<Listed>> {
        self.by_id.get(key_id).as_deref().cloned()
    }

    /// Replaces the keys of an account.
    pub fn enlist(&self, account: &str, former: &AccessKeys, keys: &AccessKeys) {
        for key in former.iter() {
            self.by_id.remove_if(&key.id, |_, listed| listed.account == account);
            let token = &key.bearer_token.0;
            self.by_bearer_token.remove_if(token, |_, listed| listed.account == account);
        }
        for key in keys.iter() {
            let (account, signing) = (account.to_owned(), SigningKey::of(&key.secret.0));
            let listed = Arc::new(Listed { account, key: Arc::new(key.clone()), signing });
            if !key.bearer_token.is_empty() {
                self.by_bearer_token.insert(key.bearer_token.0.clone(), listed.clone());
            }
            self.by_id.insert(key.id.clone(), listed);
        }
    }

    /// The first of these keys that belongs to another account.
    pub fn taken<'a>(&self, account: &str, keys: &'a AccessKeys) -> Option<&'a str> {
        let is_taken = |key: &&AccessKey| {
            self.by_id.get(&key.id).is_some_and(|listed| listed.account != account)
        };
        keys.iter().find(is_taken).map(|key| key.id.as_str())
    }
}
