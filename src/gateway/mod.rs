//! What every RPC product shares, before any operation: method, action, version and readable
//! parameters; who calls, proven by a signature; how often, and by what right. Whose world a call
//! enters is decided here.

mod directory;
mod memory;
mod rows;
mod rules;

pub use directory::{Directory, Listed};
pub use memory::Memory;
pub use rows::ROWS;

use crate::domain::account::Caller;
use crate::domain::ram::{Denial, Policy, Wish, evaluate};
use crate::domain::settings::RequestTime;
use crate::domain::{Span, Timestamp, World};
use crate::operations::{Entry, Permission};
use crate::param::Params;
use crate::row::Page;
use crate::rule::{Refusal, RuleId, Table, judge};
use crate::wire::signature::Scheme;
use crate::wire::{Incoming, Request};
use rules::{CallFacts, RIGHTS_RULES, RightsFacts, SenderFacts};

/// The account of calls without an access key, and the one that owns the keys of the starting world.
pub const DEFAULT_ACCOUNT: &str = "default";

/// How far the timestamp of a signed request may lie from the clock, to both sides.
const TIME_WINDOW: Span = Span::seconds(15 * 60);

/// How many calls of an operation an account has in a minute, as documented.
pub const DOCUMENTED_RATE: u32 = 1000;

/// What is done about signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signatures {
    /// Nothing.
    Off,
    /// Those of listed keys are verified; what is wrong is told in the log and in the list of
    /// calls. Any other key is welcome.
    #[default]
    Log,
    /// Only listed keys with right signatures get in.
    Strict,
}

/// The family of rows that the gateway refuses with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errors {
    /// What ECS answers with.
    #[default]
    Ecs,
    /// What the gateway answers with that most products share.
    Pop,
}

/// How the gateway is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// What is done about signatures.
    pub signatures: Signatures,
    /// The family of rows it refuses with.
    pub errors: Errors,
    /// How many calls of an operation an account has in a minute; no figure means no limit.
    pub flow_control: Option<u32>,
}

/// A request whose sender was looked up, before its world is entered.
pub struct Arrival<'a> {
    /// The request as it came.
    pub request: &'a Request,
    /// Its method.
    method: &'a str,
    /// The key it names, if that is listed.
    listed: Option<Listed>,
    /// What this side would have signed, where the signature is another.
    mismatch: Option<String>,
    /// The address it came from.
    source_ip: Option<std::net::IpAddr>,
    /// Did it come encrypted?
    is_secure: bool,
}

impl<'a> Arrival<'a> {
    /// Looks the sender up and verifies the signature, which needs no world.
    pub fn of(
        options: Options,
        directory: &Directory,
        incoming: &'a Incoming,
        request: &'a Request,
    ) -> Self {
        let listed = directory.find(&request.claim);
        let checked = listed.as_ref().filter(|_| options.signatures != Signatures::Off);
        let mismatch = checked.and_then(|listed| {
            let secret = &listed.key.secret.0;
            let mismatch = request.claim.mismatch(incoming, &request.pairs, secret);
            // A key without a secret verifies nothing, not even what is signed with an empty one.
            mismatch.or_else(|| {
                let is_signed = matches!(request.claim.scheme, Scheme::V1 | Scheme::V3(_));
                (is_signed && secret.is_empty()).then(String::new)
            })
        });
        Self {
            request,
            method: &incoming.method,
            listed,
            mismatch,
            source_ip: incoming.peer,
            is_secure: incoming.is_secure,
        }
    }

    /// The account whose world it enters: the one that lists the key; for any other key, where such
    /// are welcome, one of the key's own.
    pub fn account(&self, options: Options) -> &str {
        match &self.listed {
            Some(listed) => &listed.account,
            None if options.signatures == Signatures::Strict => DEFAULT_ACCOUNT,
            None if self.request.claim.key_id.is_empty() => DEFAULT_ACCOUNT,
            None => &self.request.claim.key_id,
        }
    }
}

/// The moment of a call, on the clocks that count.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The account's.
    pub now: Timestamp,
    /// The machine's.
    pub machine: Timestamp,
}

/// What the gateway made of the sender, for the log and the list of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Signatures are off.
    Unchecked,
    /// The call is anonymous or its key is not listed, so there is nothing to verify with.
    Unlisted,
    /// The sender is who it says.
    Good,
    /// `--signatures strict` refuses it: the row's code and message.
    Wrong(String),
}

impl Verdict {
    /// In words.
    pub fn words(&self) -> &str {
        match self {
            Self::Unchecked => "not verified: --signatures off",
            Self::Unlisted => "not verified: the key is not listed in a world",
            Self::Good => "good",
            Self::Wrong(why) => why,
        }
    }
}

/// A call that was let in.
pub struct Admitted {
    /// The operation.
    pub entry: &'static Entry,
    /// Who calls.
    pub caller: Caller,
}

/// Judges a call at the door of its world.
pub struct Door<'a> {
    /// How the gateway is set.
    pub options: Options,
    /// What it remembers of the account.
    pub memory: &'a mut Memory,
    /// The world behind it.
    pub world: &'a World,
    /// When the call is made.
    pub moment: Moment,
    /// Rules that are passed over; only tests mute one.
    pub muted: &'a [RuleId],
}

impl Door<'_> {
    /// Lets a call in or refuses it; beside that, what was made of the sender.
    pub fn admit(&mut self, arrival: &Arrival<'_>) -> (Verdict, Result<Admitted, Refusal>) {
        let entry = match self.judge_call(arrival) {
            Ok(entry) => entry,
            // The first to be said is what is wrong with the call; the sender was not looked at.
            Err(refusal) => return (Verdict::Unchecked, Err(refusal)),
        };
        let (verdict, refusal) = self.judge_sender(arrival);
        if let Some(refusal) = refusal {
            return (verdict, Err(refusal));
        }
        let caller = self.caller(arrival);
        let rights = self.judge_rights(arrival, entry, &caller);
        (verdict, rights.map(|()| Admitted { entry, caller }))
    }

    fn judge_call(&self, arrival: &Arrival<'_>) -> Result<&'static Entry, Refusal> {
        let request = arrival.request;
        let entry = request.action.as_deref().and_then(Entry::find);
        // Sample calls of the documentation are pasted without their common parameters, so a call
        // without a version means the one that is emulated.
        let version = request.version.as_deref();
        let facts = CallFacts {
            is_known_method: matches!(arrival.method, "GET" | "POST"),
            unreadable: request.params.as_ref().err().map(|bad| bad.name().to_owned()),
            is_known_format: request.names_known_format(),
            names_action: request.action.is_some(),
            is_known_action: entry.is_some(),
            is_its_version: version.is_none_or(|version| {
                entry.is_some_and(|entry| entry.product.versions().contains(&version))
            }),
        };
        judge(Table::Call, self.options.errors.call_rules(), &facts, Page::NONE, self.muted)?;
        // Without an entry a rule has refused, unless a test mutes it.
        entry.ok_or_else(|| broken("it asks for no operation"))
    }

    fn judge_sender(&mut self, arrival: &Arrival<'_>) -> (Verdict, Option<Refusal>) {
        let is_strict = self.options.signatures == Signatures::Strict;
        if self.options.signatures == Signatures::Off {
            return (Verdict::Unchecked, None);
        }
        if arrival.listed.is_none() && !is_strict {
            return (Verdict::Unlisted, None);
        }
        let facts = self.sender_facts(arrival);
        let rules = self.options.errors.sender_rules();
        let claim = &arrival.request.claim;
        match judge(Table::Sender, rules, &facts, Page::NONE, self.muted) {
            Ok(()) => {
                if claim.scheme != Scheme::Bearer {
                    self.memory.use_nonce(&claim.key_id, &claim.nonce, self.moment.now);
                }
                (Verdict::Good, None)
            }
            Err(refusal) => {
                let why = format!("{}: {}", refusal.row.code, refusal.message);
                if !is_strict && self.memory.warns_first(&claim.key_id) {
                    tracing::warn!(
                        key = claim.key_id,
                        "--signatures strict would refuse calls of this key, which are answered \
                         as they are: {why}"
                    );
                }
                (Verdict::Wrong(why), is_strict.then_some(refusal))
            }
        }
    }

    fn sender_facts(&self, arrival: &Arrival<'_>) -> SenderFacts {
        let claim = &arrival.request.claim;
        let key = arrival.listed.as_ref().map(|listed| listed.key.as_ref());
        let clock = match self.world.settings.request_time {
            RequestTime::Account => Some(self.moment.now),
            RequestTime::Machine => Some(self.moment.machine),
            RequestTime::Unchecked => None,
        };
        let is_signed = claim.scheme != Scheme::Bearer;
        let clock = clock.filter(|_| is_signed && !claim.timestamp.is_empty());
        let sent_at = Timestamp::parse_seconds(&claim.timestamp);
        let distance = clock
            .zip(sent_at)
            .map_or(0, |(clock, sent_at)| clock.0.saturating_sub(sent_at.0).saturating_abs());
        let token = key.map_or("", |key| key.security_token.0.as_str());
        SenderFacts {
            missing: claim.missing,
            is_known_scheme: claim.scheme != Scheme::Unsupported,
            is_time_malformed: clock.is_some() && sent_at.is_none(),
            time_distance_ms: distance,
            is_nonce_used: is_signed && self.memory.knows_nonce(&claim.key_id, &claim.nonce),
            is_known_key: key.is_some(),
            is_bearer: !is_signed,
            is_disabled: key.is_some_and(|key| !key.is_active()),
            mismatch: arrival.mismatch.clone(),
            is_v3: matches!(claim.scheme, Scheme::V3(_)),
            lacks_token: is_signed && claim.security_token.is_empty() && !token.is_empty(),
            is_token_wrong: is_signed && claim.security_token != token,
            is_expired: key.is_some_and(|key| key.is_expired(self.moment.now)),
        }
    }

    fn caller(&self, arrival: &Arrival<'_>) -> Caller {
        let Some(listed) = &arrival.listed else { return self.world.caller.clone() };
        let mut caller = Caller {
            ram_user: listed.key.principal().user_name().to_owned(),
            access_key: Some(listed.key.clone()),
            ..Caller::default()
        };
        let may = |action| {
            let wish = Wish { action, resource: "*", context: &|_| None };
            self.limits(&caller).iter().try_for_each(|policies| evaluate(policies, &wish))
        };
        // Prices are seen by everybody to whom they are not expressly denied.
        let (prices, roles) = (may("bss:DescribePrice"), may("ram:PassRole"));
        caller.sees_prices = prices != Err(Denial::Explicit);
        caller.passes_roles = roles.is_ok();
        caller
    }

    /// All of what limits a caller: a wish must be allowed by each. Nothing for the account itself.
    fn limits<'c>(&'c self, caller: &'c Caller) -> Vec<&'c [Policy]> {
        let own = self.world.policies(&caller.principal());
        let session = caller.access_key.as_ref().map(|key| key.session_policy.as_slice());
        own.into_iter().chain(session.filter(|policies| !policies.is_empty())).collect()
    }

    fn judge_rights(
        &mut self,
        arrival: &Arrival<'_>,
        entry: &'static Entry,
        caller: &Caller,
    ) -> Result<(), Refusal> {
        let no_params = Params::default();
        let params = arrival.request.params.as_ref().unwrap_or(&no_params);
        let denied = self.denied(arrival, entry.permissions, params, caller);
        let (memory, now) = (&mut *self.memory, self.moment.now);
        let facts = RightsFacts {
            is_over_rate: self
                .options
                .flow_control
                .is_some_and(|most| memory.is_over_rate(entry.action, most, now)),
            is_denied: denied.is_some(),
        };
        let judged = judge(Table::Rights, RIGHTS_RULES, &facts, Page::NONE, self.muted);
        judged.map_err(|mut refusal| {
            if std::ptr::eq(refusal.row, &raw const rows::FORBIDDEN) {
                refusal.denied = denied.unwrap_or_default();
            }
            refusal
        })
    }

    /// The details of the first permission the caller lacks.
    fn denied(
        &self,
        arrival: &Arrival<'_>,
        permissions: &[Permission],
        params: &Params,
        caller: &Caller,
    ) -> Option<Vec<(&'static str, String)>> {
        let limits = self.limits(caller);
        permissions.iter().filter(|permission| permission.is_needed(params)).find_map(|needed| {
            let resources = needed.resources(params, self.world);
            resources.iter().find_map(|resource| {
                let instance_id = resource.rsplit('/').next().unwrap_or_default();
                let tags = self.world.instance.get(instance_id).map(|it| &it.tags);
                let context = |key: &str| match key {
                    "acs:CurrentTime" => Some(self.moment.now.to_seconds()),
                    "acs:SourceIp" => arrival.source_ip.map(|address| address.to_string()),
                    "acs:SecureTransport" => Some(arrival.is_secure.to_string()),
                    "ecs:AssociatePublicIpAddress" => Some(asks_for_public_ip(params).to_string()),
                    _ => {
                        let tag = ["acs:ResourceTag/", "ecs:tag/"];
                        let name = tag.iter().find_map(|prefix| key.strip_prefix(prefix))?;
                        tags?.get(name).cloned()
                    }
                };
                let wish = Wish { action: needed.action, resource, context: &context };
                let denial = limits.iter().find_map(|policies| evaluate(policies, &wish).err())?;
                Some(self.detail(denial, needed.action, resource, caller))
            })
        })
    }

    /// `AccessDeniedDetail`: who lacks what, and how it is denied.
    fn detail(
        &self,
        denial: Denial,
        action: &str,
        resource: &str,
        caller: &Caller,
    ) -> Vec<(&'static str, String)> {
        use base64::Engine as _;
        let account_id = &self.world.account.id;
        let principal = caller.principal();
        let kind = match denial {
            Denial::Explicit => "ExplicitDeny",
            Denial::Implicit => "ImplicitDeny",
        };
        let diagnosis = format!("{} {action} {resource} {kind}", principal.arn(account_id));
        let diagnosis = base64::engine::general_purpose::STANDARD.encode(diagnosis);
        vec![
            ("PolicyType", "AccountLevelIdentityBasedPolicy".to_owned()),
            ("AuthPrincipalOwnerId", account_id.clone()),
            ("EncodedDiagnosticMessage", diagnosis),
            ("AuthPrincipalType", principal.kind().to_owned()),
            ("AuthPrincipalDisplayName", principal.display_name(account_id)),
            ("NoPermissionType", kind.to_owned()),
            ("AuthAction", action.to_owned()),
        ]
    }
}

/// Would the call give an instance a public address?
fn asks_for_public_ip(params: &Params) -> bool {
    let bandwidth = params.integer("InternetMaxBandwidthOut").or(0);
    bandwidth > 0 || params.boolean("AllocatePublicIp").or(false)
}

/// The refusal of a request that is larger than `limit`.
pub fn too_large(limit: &str) -> Refusal {
    Refusal::of(&rows::TOO_LARGE, limit, "send less")
}

/// The refusal of a request that is no HTTP request, or ended early.
pub fn broken(how: &str) -> Refusal {
    Refusal::of(&rows::BROKEN, how, "send a whole HTTP/1.1 or HTTP/2 request")
}

/// The refusal of a request that came too slowly.
pub fn too_slow(how: &str) -> Refusal {
    Refusal::of(&rows::TOO_SLOW, how, "send it faster")
}
