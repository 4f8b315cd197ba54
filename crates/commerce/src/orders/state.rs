//! The states of a purchase and of its orders, and every move between them. Pure: no I/O, no clock.

use serde::{Deserialize, Serialize};

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupState {
    /// It holds what it needs and waits for its money.
    PendingPayment,
    /// It is paid, or is to be paid at the door; the sellers have it.
    Placed,
    /// Nothing is left to do for any of its orders.
    Completed,
    /// Its money did not come in time; what it held is free.
    Expired,
    /// The shopper gave it up before paying, or every order was cancelled.
    Cancelled,
}

/// Where the order of one seller stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The purchase is not paid yet.
    PendingPayment,
    /// The seller has it.
    Placed,
    /// The seller will do it.
    Accepted,
    /// It is being made.
    Preparing,
    /// It waits for the courier; its goods have left the shelf.
    Ready,
    /// It is on its way.
    OutForDelivery,
    /// The recipient has it.
    Delivered,
    /// Nothing is left to do.
    Closed,
    /// The seller cannot do it; its money goes back.
    Rejected,
    /// The shopper or the office gave it up.
    Cancelled,
    /// The purchase was not paid in time.
    Expired,
    /// The courier could not hand it over.
    DeliveryFailed,
    /// It came back.
    Returned,
}

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The purchase is paid, or to be paid at the door.
    Paid,
    /// The purchase was not paid in time.
    Expired,
    /// The seller takes it on.
    Accept,
    /// Work on it begins.
    Prepare,
    /// It is ready to go.
    Ready,
    /// The courier has it.
    Dispatch,
    /// The recipient has it.
    Deliver,
    /// The courier could not hand it over.
    FailDelivery,
    /// All of it came back.
    Return,
    /// All of its units were taken out before it was delivered.
    TakeOut,
    /// The seller cannot do it.
    Reject,
    /// It is given up.
    Cancel,
    /// Its time for returns is over.
    Close,
}

/// A move that is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {} cannot {}", .from.code(), .event.verb())]
pub struct IllegalMove {
    /// Where the order stands.
    pub from: State,
    /// What was wanted.
    pub event: Event,
}

impl State {
    /// Every state.
    pub const ALL: [State; 13] = [
        State::PendingPayment,
        State::Placed,
        State::Accepted,
        State::Preparing,
        State::Ready,
        State::OutForDelivery,
        State::Delivered,
        State::Closed,
        State::Rejected,
        State::Cancelled,
        State::Expired,
        State::DeliveryFailed,
        State::Returned,
    ];

    /// The state after an event.
    ///
    /// # Errors
    /// [`IllegalMove`] where the event cannot happen.
    pub const fn next(self, event: Event) -> Result<State, IllegalMove> {
        Ok(match (self, event) {
            // Money that comes after the hold ended still counts where everything is still there.
            (State::PendingPayment | State::Expired, Event::Paid) => State::Placed,
            (State::PendingPayment, Event::Expired) => State::Expired,
            (State::Placed, Event::Accept) => State::Accepted,
            (State::Placed | State::Accepted, Event::Prepare) => State::Preparing,
            (State::Placed | State::Accepted | State::Preparing, Event::Ready) => State::Ready,
            (State::Ready | State::DeliveryFailed, Event::Dispatch) => State::OutForDelivery,
            (State::OutForDelivery, Event::Deliver) => State::Delivered,
            (State::OutForDelivery, Event::FailDelivery) => State::DeliveryFailed,
            (State::Delivered | State::DeliveryFailed, Event::Return) => State::Returned,
            (State::Placed | State::Accepted | State::Preparing, Event::Reject) => State::Rejected,
            (State::Placed | State::Accepted | State::Preparing | State::Ready, Event::TakeOut) => {
                State::Cancelled
            }
            (State::PendingPayment | State::Placed | State::Accepted, Event::Cancel) => {
                State::Cancelled
            }
            (State::Delivered, Event::Close) => State::Closed,
            (from, event) => return Err(IllegalMove { from, event }),
        })
    }

    /// Whether nothing can happen to it any more, but for money that comes late.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            State::Closed | State::Rejected | State::Cancelled | State::Expired | State::Returned
        )
    }

    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            State::PendingPayment => "pending_payment",
            State::Placed => "placed",
            State::Accepted => "accepted",
            State::Preparing => "preparing",
            State::Ready => "ready",
            State::OutForDelivery => "out_for_delivery",
            State::Delivered => "delivered",
            State::Closed => "closed",
            State::Rejected => "rejected",
            State::Cancelled => "cancelled",
            State::Expired => "expired",
            State::DeliveryFailed => "delivery_failed",
            State::Returned => "returned",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl GroupState {
    /// Every state.
    pub const ALL: [GroupState; 5] = [
        GroupState::PendingPayment,
        GroupState::Placed,
        GroupState::Completed,
        GroupState::Expired,
        GroupState::Cancelled,
    ];

    /// The name in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            GroupState::PendingPayment => "pending_payment",
            GroupState::Placed => "placed",
            GroupState::Completed => "completed",
            GroupState::Expired => "expired",
            GroupState::Cancelled => "cancelled",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<GroupState> {
        GroupState::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl Event {
    /// Every event.
    pub const ALL: [Event; 13] = [
        Event::Paid,
        Event::Expired,
        Event::Accept,
        Event::Prepare,
        Event::Ready,
        Event::Dispatch,
        Event::Deliver,
        Event::FailDelivery,
        Event::Return,
        Event::TakeOut,
        Event::Reject,
        Event::Cancel,
        Event::Close,
    ];

    /// The name in forms and requests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Event::Paid => "paid",
            Event::Expired => "expired",
            Event::Accept => "accept",
            Event::Prepare => "prepare",
            Event::Ready => "ready",
            Event::Dispatch => "dispatch",
            Event::Deliver => "deliver",
            Event::FailDelivery => "fail_delivery",
            Event::Return => "return",
            Event::TakeOut => "take_out",
            Event::Reject => "reject",
            Event::Cancel => "cancel",
            Event::Close => "close",
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Event::Paid => "be paid",
            Event::Expired => "expire",
            Event::Accept => "be accepted",
            Event::Prepare => "be prepared",
            Event::Ready => "be ready",
            Event::Dispatch => "be sent out",
            Event::Deliver => "be delivered",
            Event::FailDelivery => "fail to be delivered",
            Event::Return => "be returned",
            Event::TakeOut => "lose units",
            Event::Reject => "be rejected",
            Event::Cancel => "be cancelled",
            Event::Close => "be closed",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Strategy, proptest};

    use super::*;

    fn events() -> impl Strategy<Value = Vec<Event>> {
        vec((0..Event::ALL.len()).prop_map(|at| Event::ALL[at]), 0..40)
    }

    proptest! {
        #[test]
        fn whatever_happens_an_order_never_leaves_a_final_state_but_by_late_money(events in events()) {
            let mut state = State::PendingPayment;
            for event in events {
                let Ok(next) = state.next(event) else { continue };
                assert!(!state.is_final() || (state, event) == (State::Expired, Event::Paid));
                state = next;
            }
        }

        #[test]
        fn goods_leave_only_after_the_money_and_come_back_only_after_they_left(events in events()) {
            let (mut state, mut paid, mut left) = (State::PendingPayment, false, false);
            for event in events {
                let Ok(next) = state.next(event) else { continue };
                paid |= event == Event::Paid;
                assert!(next != State::Ready || paid);
                left |= event == Event::Dispatch;
                assert!(next != State::Returned || left);
                state = next;
            }
        }
    }

    #[test]
    fn every_state_can_be_reached_and_has_its_own_name() {
        let mut reached = vec![State::PendingPayment];
        for at in 0..State::ALL.len() {
            let Some(&from) = reached.get(at) else { break };
            for event in Event::ALL {
                match from.next(event) {
                    Ok(next) if !reached.contains(&next) => reached.push(next),
                    _ => {}
                }
            }
        }

        assert_eq!(reached.len(), State::ALL.len());
        assert!(State::ALL.iter().all(|state| State::of_code(state.code()) == Some(*state)));
        assert!(
            GroupState::ALL.iter().all(|state| GroupState::of_code(state.code()) == Some(*state))
        );
    }
}
