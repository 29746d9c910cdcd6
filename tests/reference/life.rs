//! What happens by itself, each thing at its moment, and what is done beside the three operations: start,
//! stop, reboot, elastic IPs, and the console. Knows nothing of the three operations' parameters.

use super::moment::{Moment, SECOND};
use super::{
    Answer, Coming, Due, Event, Instance, Model, OrderState, Place, Reboot, Status, Wish, accept,
    refuse,
};

const STARTING: i64 = 5 * SECOND;
const STOPPING: i64 = 5 * SECOND;
const FORCED_STOPPING: i64 = SECOND;
const REBOOTING: i64 = 6 * SECOND;

impl Model {
    /// Time passes; everything that comes due happens at its own moment.
    pub(super) fn wait(&mut self, span: i64) -> Answer {
        let end = self.now + span;
        while let Some(next) = self.next_moment().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.happen();
        }
        self.now = end;
        accept()
    }

    /// What is due already happens now.
    pub(super) fn settle(&mut self) {
        while self.next_moment().is_some_and(|next| next <= self.now) {
            self.happen();
        }
    }

    /// The next moment at which something happens.
    fn next_moment(&self) -> Option<Moment> {
        let mut moments: Vec<Moment> = Vec::new();
        for it in &self.instances {
            moments.extend(it.due.iter().map(|due| due.at));
            if let Some(window) = &it.window {
                moments.push(if window.has_begun { window.end } else { window.start });
            }
            if it.is_prepaid && !it.is_expired {
                moments.push(it.expires_at);
            }
        }
        for order in self.orders.iter().filter(|order| order.state == OrderState::Unpaid) {
            moments.extend(order.lapses_at);
        }
        moments.into_iter().min()
    }

    /// Lets everything happen whose moment is now or before.
    fn happen(&mut self) {
        let now = self.now;
        for order in &mut self.orders {
            let is_over = order.lapses_at.is_some_and(|at| at <= now);
            if order.state == OrderState::Unpaid && is_over {
                order.state = OrderState::Cancelled;
            }
        }
        for at in 0..self.instances.len() {
            self.begin_and_end_window(at);
            self.expire(at);
            while let Some(event) = self.instances[at].next_event(now) {
                self.let_happen(at, event);
                self.expire(at);
            }
        }
    }

    /// Agrees on an event.
    pub(super) fn later(&mut self, at: usize, moment: Moment, event: Event) {
        let due = Due { at: moment, number: self.agreed, event };
        self.agreed += 1;
        self.instances[at].due.push(due);
    }

    fn let_happen(&mut self, at: usize, event: Event) {
        match event {
            Event::Arrives => {
                let it = &mut self.instances[at];
                it.status = match it.status {
                    Status::Starting => Status::Running,
                    Status::Stopping => Status::Stopped,
                    stable => stable,
                };
            }
            Event::TypeShows(coming) => self.type_shows(at, &coming),
            Event::TypeReturns { from, to } => self.type_returns(at, from, to),
            Event::Reboots => self.reboot_if_running(at),
        }
    }

    fn begin_and_end_window(&mut self, at: usize) {
        let now = self.now;
        let it = &mut self.instances[at];
        let Some(window) = &mut it.window else { return };
        if !window.has_begun && window.start <= now {
            window.has_begun = true;
        }
        if window.end <= now {
            it.window = None;
        }
    }

    fn type_shows(&mut self, at: usize, coming: &Coming) {
        let before = self.instances[at].kind;
        self.give_place_back(before, self.instances[at].cluster);
        let it = &mut self.instances[at];
        it.kind = coming.kind;
        it.cluster = coming.cluster;
        if coming.until.is_some() {
            self.keep_place(at, before);
        }
        match coming.reboot {
            Reboot::ByHand => {}
            Reboot::WhenFinished => self.reboot_if_running(at),
            Reboot::At(moment) => self.later(at, moment.max(self.now), Event::Reboots),
        }
        if let Some(until) = coming.until {
            let back = Event::TypeReturns { from: coming.kind, to: before };
            self.later(at, until.max(self.now), back);
        }
        if let Some(number) = coming.order {
            self.orders[number].state = OrderState::Completed;
        }
    }

    /// Sets a place aside for the way back, where the instance is now if there is one.
    fn keep_place(&mut self, at: usize, kind: &'static str) {
        let Place::In(cluster) = self.place_for(&self.instances[at], kind, true) else { return };
        self.take_place(kind, cluster);
        self.instances[at].kept_place = Some((kind, cluster));
    }

    pub(super) fn give_up_kept_place(&mut self, at: usize) {
        if let Some((kind, cluster)) = self.instances[at].kept_place.take() {
            self.give_place_back(kind, cluster);
        }
    }

    /// A type for a time goes, if the instance still has it.
    fn type_returns(&mut self, at: usize, from: &'static str, to: &'static str) {
        let it = &self.instances[at];
        if it.kind != from {
            return;
        }
        let cluster = it.cluster;
        if it.kept_place.is_none_or(|(kept, _)| kept != to) {
            self.give_up_kept_place(at);
            self.keep_place(at, to);
        }
        let it = &mut self.instances[at];
        it.kind = to;
        if let Some((_, kept)) = it.kept_place.take() {
            it.cluster = kept;
        }
        self.give_place_back(from, cluster);
    }

    /// The end of a subscription stops it as StopInstance would: what starts, starts up first.
    fn expire(&mut self, at: usize) {
        let it = &mut self.instances[at];
        it.is_expired |= it.is_prepaid && it.expires_at <= self.now;
        if it.is_expired && it.status == Status::Running {
            it.status = Status::Stopping;
            self.later(at, self.now + STOPPING, Event::Arrives);
        }
    }

    pub(super) fn start(&mut self, id: &str) -> Answer {
        let in_debt = self.account.in_arrears || self.account.balance + self.account.credit < 0;
        let Some(at) = self.find(Some(id), None) else {
            return refuse(404, "InvalidInstanceId.NotFound");
        };
        let it = &mut self.instances[at];
        if !it.is_prepaid && in_debt {
            return refuse(403, "InsufficientBalance");
        }
        if it.traits.is_locked {
            return refuse(403, "InstanceLockedForSecurity");
        }
        if it.is_expired {
            return refuse(403, "InstanceExpired");
        }
        if it.status != Status::Stopped {
            return refuse(403, "IncorrectInstanceStatus");
        }
        it.status = Status::Starting;
        it.guest_kind = it.kind;
        self.later(at, self.now + STARTING, Event::Arrives);
        accept()
    }

    pub(super) fn stop(&mut self, id: &str, force: bool) -> Answer {
        let Some(at) = self.find(Some(id), None) else {
            return refuse(404, "InvalidInstanceId.NotFound");
        };
        if let Some(refusal) = self.instances[at].cannot_go_down() {
            return refusal;
        }
        self.instances[at].status = Status::Stopping;
        let takes = if force { FORCED_STOPPING } else { STOPPING };
        self.later(at, self.now + takes, Event::Arrives);
        accept()
    }

    pub(super) fn reboot(&mut self, id: &str) -> Answer {
        let Some(at) = self.find(Some(id), None) else {
            return refuse(404, "InvalidInstanceId.NotFound");
        };
        if let Some(refusal) = self.instances[at].cannot_go_down() {
            return refusal;
        }
        self.reboot_if_running(at);
        accept()
    }

    fn reboot_if_running(&mut self, at: usize) {
        let it = &mut self.instances[at];
        if it.status == Status::Running {
            it.status = Status::Starting;
            it.guest_kind = it.kind;
            self.later(at, self.now + REBOOTING, Event::Arrives);
        }
    }

    /// Binds the only elastic IP. How it is refused is another operation's page; that it is counts here.
    pub(super) fn associate(&mut self, id: &str) -> Answer {
        let is_free = !self.instances.iter().any(|it| it.has_eip);
        let Some(it) = self.instances.iter_mut().find(|it| it.id == id) else {
            return refuse(404, "");
        };
        let is_settled = matches!(it.status, Status::Running | Status::Stopped);
        if !is_free || !is_settled || it.has_public_ip || it.traits.is_classic {
            return refuse(400, "");
        }
        it.has_eip = true;
        accept()
    }

    pub(super) fn unassociate(&mut self, id: &str) -> Answer {
        let Some(it) = self.instances.iter_mut().find(|it| it.id == id) else {
            return refuse(404, "");
        };
        if !it.has_eip || !matches!(it.status, Status::Running | Status::Stopped) {
            return refuse(400, "");
        }
        it.has_eip = false;
        accept()
    }

    /// The newest open order is paid, if it can be.
    pub(super) fn pay(&mut self) -> Answer {
        let Some(number) = self.newest_open() else { return accept() };
        let order = &self.orders[number];
        if order.state != OrderState::Unpaid || !self.can_pay(order.amount) {
            return accept();
        }
        if let Wish::Type(wish) = &order.wish {
            let it = self.instances.iter().find(|it| it.id == order.instance).unwrap();
            if !matches!(self.place_for(it, wish.kind, wish.may_move), Place::In(_)) {
                return accept();
            }
        }
        self.carry_out(number);
        accept()
    }

    pub(super) fn cancel(&mut self) -> Answer {
        if let Some(number) = self.newest_open() {
            self.orders[number].state = OrderState::Cancelled;
        }
        accept()
    }

    fn newest_open(&self) -> Option<usize> {
        self.orders
            .iter()
            .rposition(|it| matches!(it.state, OrderState::Unpaid | OrderState::Invalid))
    }

    /// Money that covers the debt ends the arrears.
    pub(super) fn top_up(&mut self, cents: i64) -> Answer {
        self.account.balance += cents;
        if self.account.balance + self.account.credit >= 0 {
            self.account.in_arrears = false;
        }
        accept()
    }

    /// A lasting change of bandwidth. It ends a window under way; in a VPC the address goes with the
    /// bandwidth.
    pub(super) fn change_bandwidth(&mut self, at: usize, out: i64, inward: Option<i64>) {
        let it = &mut self.instances[at];
        it.window = it.window.take().filter(|window| !window.has_begun);
        it.out = out;
        it.inward = inward.filter(|_| out > 0);
        if out == 0 && !it.traits.is_classic && it.has_public_ip {
            it.has_public_ip = false;
            self.public_ips_left = self.public_ips_left.map(|left| left + 1);
        }
    }

    /// A public address of the region, if it has one and no elastic one was bound meanwhile.
    pub(super) fn give_address(&mut self, at: usize) {
        let it = &mut self.instances[at];
        if !it.has_eip && self.public_ips_left != Some(0) {
            it.has_public_ip = true;
            self.public_ips_left = self.public_ips_left.map(|left| left - 1);
        }
    }
}

impl Instance {
    /// Takes the first event that is due.
    fn next_event(&mut self, now: Moment) -> Option<Event> {
        let due = self.due.iter().enumerate().filter(|(_, due)| due.at <= now);
        let (position, _) = due.min_by_key(|(_, due)| (due.at, due.number))?;
        Some(self.due.remove(position).event)
    }

    /// What stops a stop or a reboot.
    fn cannot_go_down(&self) -> Option<Answer> {
        if self.traits.is_locked {
            return Some(refuse(403, "InstanceLockedForSecurity"));
        }
        if self.is_expired {
            return Some(refuse(403, "InstanceExpiredOrInArrears"));
        }
        if self.status != Status::Running {
            return Some(refuse(403, "IncorrectInstanceStatus"));
        }
        None
    }
}
