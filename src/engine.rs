//! The straight line of one call through its world. No HTTP, no JSON, no clock: the moment and the
//! generator of ids are arguments.

use std::fmt::Write as _;

use crate::domain::account::Caller;
use crate::domain::token::Remembered;
use crate::domain::{Cause, Commit, Timestamp, World};
use crate::ids::{Ids, RequestId};
use crate::operations::{Asked, Case, Effect, Operation, TokenCase};
use crate::param::{Params, is_system};
use crate::reply::Node;
use crate::row::{Date, Page};
use crate::rule::{Refusal, RuleId, Table, judge};
use crate::{reading, writing};

/// A call as it enters its world.
pub struct Call<'a> {
    /// Its parameters.
    pub params: &'a Params<'a>,
    /// Names this call, in its answer and in what it changes.
    pub request_id: RequestId,
    /// The moment on the world's clock.
    pub now: Timestamp,
    /// Chooses the pages in force.
    pub as_of: Option<Date>,
    /// Who calls.
    pub caller: &'a Caller,
    /// The host the client reached, as it named it.
    pub host: &'a str,
    /// Rules that are passed over; only tests mute one.
    pub muted: &'a [RuleId],
}

/// Writes the reply, outside the world's lock.
pub type Render = Box<dyn FnOnce() -> Node + Send>;

/// The answer to a call: a reply to be written, or a refusal.
pub type Verdict = Result<Render, Refusal>;

/// Answers a call. A refused call changes nothing but what was due anyway: rules see copies, and
/// `commit` is the only write. The one thing a refusal can leave behind is the order whose payment
/// failed, because the pages say so (`Operation::left_behind`).
///
/// # Errors
/// The refusal of the first rule that holds.
pub fn answer<O: Operation>(call: &Call<'_>, world: &mut World, ids: &mut Ids) -> Verdict {
    world.settle(call.now);
    let page = Page::in_force(O::PAGES, call.as_of);
    let asked = Asked {
        request: O::parse(call.params),
        now: call.now,
        page,
        caller: call.caller.clone(),
        host: call.host.into(),
    };
    judge(Table::Request, O::REQUEST_RULES, &asked, page, call.muted)?;

    let token = O::token(&asked.request).map(|token| token_key::<O>(token, call.params));
    let seen = token.map(|key| (token_case(call, world, &key), key));
    if let Some((seen, _)) = &seen {
        judge(Table::Token, O::TOKEN_RULES, seen, page, call.muted)?;
        if let Some(output) = replayed::<O>(seen) {
            return Ok(render::<O>(asked.request, output));
        }
    }

    let facts = O::gather(&asked, world);
    let case = Case { asked, facts };
    let cause = || Cause::call(O::ACTION, call.request_id);
    if let Err(refusal) = judge(Table::State, O::STATE_RULES, &case, page, call.muted) {
        if O::PAYMENT_ROW.is_some_and(|row| std::ptr::eq(row, refusal.row)) {
            world.commit(Commit::of(O::left_behind(&case, ids), cause(), call.now));
        }
        return Err(refusal);
    }
    let effect = O::apply(&case, ids);
    let token = seen.map(|(seen, key)| (key, remember(seen, &effect, world)));
    let Case { asked, facts } = case;
    // What nobody else holds is changed where it stands.
    drop(facts);
    // A question writes nothing.
    if !effect.changes.is_empty() || token.is_some() {
        let (changes, cause) = (effect.changes, cause());
        world.commit(Commit { at: call.now, changes, token, cause });
    }
    Ok(render::<O>(asked.request, effect.output))
}

fn render<O: Operation>(request: O::Request, output: O::Output) -> Render {
    Box::new(move || O::reply(&request, output))
}

/// A token counts within its account, operation and region.
fn token_key<O: Operation>(token: &str, params: &Params<'_>) -> String {
    format!("{} {} {token}", O::ACTION, params.text("RegionId").unwrap_or("-"))
}

fn token_case(call: &Call<'_>, world: &World, key: &str) -> TokenCase {
    TokenCase {
        remembered: world.token.get(key, call.now).cloned(),
        digest: digest(call.params),
        instance_id: call.params.text("InstanceId").unwrap_or_default().to_owned(),
        now: call.now,
    }
}

fn digest(params: &Params<'_>) -> String {
    let business = params.iter().filter(|(name, _)| !is_system(name));
    business.fold(String::new(), |mut digest, (name, value)| {
        // Lengths keep name and value apart whatever characters they hold.
        let _ = write!(digest, "{}:{name}{}:{value}", name.len(), value.len());
        digest
    })
}

fn replayed<O: Operation>(seen: &TokenCase) -> Option<O::Output> {
    let call = seen.remembered.as_ref().filter(|call| call.digest == seen.digest)?;
    reading::value(&call.output).ok()
}

fn remember<Output: serde::Serialize>(
    seen: TokenCase,
    effect: &Effect<Output>,
    world: &World,
) -> Remembered {
    Remembered {
        digest: seen.digest,
        instance_id: seen.instance_id,
        output: writing::value(&effect.output),
        in_flight_until: effect.in_flight_until.unwrap_or(seen.now),
        expires_at: seen.now.plus(world.settings.token_retention),
    }
}
