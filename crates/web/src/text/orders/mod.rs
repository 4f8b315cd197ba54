//! Every text of the office's pages about orders, in one typed table like [`super::Text`].

mod ar;
mod en;
mod kk;
mod ru;

use souk_base::Lang;
use souk_commerce::orders::State;

/// The texts about orders of one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Orders {
    pub(crate) orders: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) reload: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) more: &'static str,
    pub(crate) left_hours: &'static str,
    pub(crate) left_days: &'static str,
    pub(crate) late_hours: &'static str,
    pub(crate) late_days: &'static str,
    pub(crate) no_slot: &'static str,
    pub(crate) asks: &'static str,
    pub(crate) move_to: &'static str,
    pub(crate) moved: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) give_up: &'static str,
    pub(crate) give_up_lead: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) reject: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) buyer: &'static str,
    pub(crate) recipient: &'static str,
    pub(crate) hidden: &'static str,
    pub(crate) goods: &'static str,
    pub(crate) back: &'static str,
    pub(crate) take_back: &'static str,
    pub(crate) take_back_lead: &'static str,
    pub(crate) take_out: &'static str,
    pub(crate) take_out_lead: &'static str,
    pub(crate) taken: &'static str,
    pub(crate) bad_return: &'static str,
    pub(crate) payments: &'static str,
    pub(crate) amount: &'static str,
    pub(crate) refunded: &'static str,
    pub(crate) no_payments: &'static str,
    pub(crate) received: &'static str,
    pub(crate) timeline: &'static str,
    pub(crate) pending_payment: &'static str,
    pub(crate) placed: &'static str,
    pub(crate) accepted: &'static str,
    pub(crate) preparing: &'static str,
    pub(crate) ready: &'static str,
    pub(crate) out_for_delivery: &'static str,
    pub(crate) delivery_failed: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) returned: &'static str,
    pub(crate) payment_failed: &'static str,
    pub(crate) partly_returned: &'static str,
    pub(crate) partly_cancelled: &'static str,
    pub(crate) addressed: &'static str,
    pub(crate) did_order: &'static str,
    pub(crate) refunds: &'static str,
    pub(crate) when: &'static str,
    pub(crate) by_telephone: &'static str,
    pub(crate) begin_anew: &'static str,
    pub(crate) find: &'static str,
    pub(crate) find_go: &'static str,
    pub(crate) found_nothing: &'static str,
    pub(crate) add: &'static str,
    pub(crate) add_what: &'static str,
    pub(crate) not_added: &'static str,
    pub(crate) goods_first: &'static str,
    pub(crate) caller: &'static str,
    pub(crate) caller_phone: &'static str,
    pub(crate) caller_email: &'static str,
    pub(crate) writes: &'static str,
    pub(crate) caller_receives: &'static str,
    pub(crate) caller_says: &'static str,
    pub(crate) times_later: &'static str,
    pub(crate) show_times: &'static str,
    pub(crate) pays: &'static str,
    pub(crate) by_link: &'static str,
    pub(crate) place_order: &'static str,
    pub(crate) place_for: &'static str,
    pub(crate) placed_now: &'static str,
    pub(crate) pay_link: &'static str,
}

/// The texts about orders of a language.
pub(crate) const fn orders(lang: Lang) -> &'static Orders {
    match lang {
        Lang::Ar => &ar::ORDERS,
        Lang::En => &en::ORDERS,
        Lang::Ru => &ru::ORDERS,
        Lang::Kk => &kk::ORDERS,
    }
}

impl Orders {
    /// Where an order stands.
    pub(crate) const fn state(&self, state: State) -> &'static str {
        match state {
            State::PendingPayment => self.pending_payment,
            State::Placed => self.placed,
            State::Accepted => self.accepted,
            State::Preparing => self.preparing,
            State::Ready => self.ready,
            State::OutForDelivery => self.out_for_delivery,
            State::Delivered => self.delivered,
            State::Closed => self.closed,
            State::Rejected => self.rejected,
            State::Cancelled => self.cancelled,
            State::Expired => self.expired,
            State::DeliveryFailed => self.delivery_failed,
            State::Returned => self.returned,
        }
    }
}
