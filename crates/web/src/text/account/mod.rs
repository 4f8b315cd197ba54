//! Every text of the cabinet's pages, in one typed table like [`super::Text`].

mod ar;
mod en;
mod kk;
mod ru;

use souk_base::Lang;
use souk_commerce::orders::State;

/// The texts of the cabinet in one language.
#[cfg_attr(test, derive(serde::Serialize))]
pub(crate) struct Account {
    pub(crate) account: &'static str,
    pub(crate) log_in_title: &'static str,
    pub(crate) log_in_lead: &'static str,
    pub(crate) contact: &'static str,
    pub(crate) contact_hint: &'static str,
    pub(crate) send_code: &'static str,
    pub(crate) code_sent: &'static str,
    pub(crate) code: &'static str,
    pub(crate) enter: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) other_contact: &'static str,
    pub(crate) with_password: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) bad_contact: &'static str,
    pub(crate) wait: &'static str,
    pub(crate) log_out: &'static str,
    pub(crate) log_out_everywhere: &'static str,
    pub(crate) orders: &'static str,
    pub(crate) no_orders: &'static str,
    pub(crate) ordered_on: &'static str,
    pub(crate) delivered_on: &'static str,
    pub(crate) older: &'static str,
    pub(crate) pending_payment: &'static str,
    pub(crate) placed: &'static str,
    pub(crate) accepted: &'static str,
    pub(crate) preparing: &'static str,
    pub(crate) ready: &'static str,
    pub(crate) out_for_delivery: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) delivery_failed: &'static str,
    pub(crate) returned: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) name: &'static str,
    pub(crate) written_in: &'static str,
    pub(crate) save: &'static str,
    pub(crate) saved: &'static str,
    pub(crate) reached: &'static str,
    pub(crate) email: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) none_yet: &'static str,
    pub(crate) change_contact: &'static str,
    pub(crate) taken: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) password: &'static str,
    pub(crate) current_password: &'static str,
    pub(crate) new_password: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) set_password: &'static str,
    pub(crate) bad_password: &'static str,
    pub(crate) addresses: &'static str,
    pub(crate) no_addresses: &'static str,
    pub(crate) add_address: &'static str,
    pub(crate) label: &'static str,
    pub(crate) city: &'static str,
    pub(crate) address: &'static str,
    pub(crate) remove: &'static str,
    pub(crate) recipients: &'static str,
    pub(crate) no_recipients: &'static str,
    pub(crate) add_recipient: &'static str,
    pub(crate) lives_at: &'static str,
    pub(crate) nowhere: &'static str,
    pub(crate) occasions: &'static str,
    pub(crate) no_occasions: &'static str,
    pub(crate) add_occasion: &'static str,
    pub(crate) title: &'static str,
    pub(crate) date: &'static str,
    pub(crate) yearly: &'static str,
    pub(crate) once: &'static str,
    pub(crate) whose: &'static str,
    pub(crate) remind: &'static str,
    pub(crate) next: &'static str,
    pub(crate) over: &'static str,
    pub(crate) favourites: &'static str,
    pub(crate) no_favourites: &'static str,
    pub(crate) add_favourite: &'static str,
    pub(crate) bad_entry: &'static str,
}

/// The texts of the cabinet in a language.
pub(crate) const fn account(lang: Lang) -> &'static Account {
    match lang {
        Lang::Ar => &ar::ACCOUNT,
        Lang::En => &en::ACCOUNT,
        Lang::Ru => &ru::ACCOUNT,
        Lang::Kk => &kk::ACCOUNT,
    }
}

impl Account {
    /// Where an order stands, in words.
    pub(crate) const fn state(&self, state: State) -> &'static str {
        match state {
            State::PendingPayment => self.pending_payment,
            State::Placed => self.placed,
            State::Accepted => self.accepted,
            State::Preparing => self.preparing,
            State::Ready => self.ready,
            State::OutForDelivery => self.out_for_delivery,
            State::Delivered | State::Closed => self.delivered,
            State::Rejected => self.rejected,
            State::Cancelled => self.cancelled,
            State::Expired => self.expired,
            State::DeliveryFailed => self.delivery_failed,
            State::Returned => self.returned,
        }
    }
}
