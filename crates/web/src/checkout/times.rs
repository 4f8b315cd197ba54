//! Times that can be chosen: a grid of days and windows, the price and the last places beside each.

use jiff::civil::Date;
use souk_base::{Currency, Money};
use souk_commerce::carts::{SlotId, SlotOption};

use crate::format::Price;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::text::basket::basket;
use crate::text::fill;
use crate::visit::Visit;

/// From how many places left on the page says how many.
const FEW: i32 = 5;

/// The times of one seller's part.
pub(crate) struct Times {
    /// The field's name.
    pub(crate) name: String,
    /// Whose goods, where there are several sellers.
    pub(crate) heading: Option<String>,
    pub(crate) days: Vec<Day>,
    /// In place of times.
    pub(crate) none: Option<String>,
    pub(crate) error: Option<String>,
}

/// The times of a day.
pub(crate) struct Day {
    pub(crate) label: String,
    pub(crate) slots: Vec<SlotChoice>,
}

/// A time that can be chosen.
pub(crate) struct SlotChoice {
    pub(crate) value: String,
    pub(crate) label: String,
    /// None where it is free.
    pub(crate) price: Option<Price>,
    /// Whether the price is said at all.
    pub(crate) is_priced: bool,
    /// How many places are left, where they are few.
    pub(crate) left: Option<String>,
    pub(crate) is_full: bool,
    pub(crate) is_chosen: bool,
}

impl Times {
    /// The times of a field; without a currency nothing is said about prices.
    pub(crate) fn new(
        visit: &Visit,
        name: String,
        options: &[SlotOption],
        currency: Option<Currency>,
        form: &Form,
        problems: &Problems,
    ) -> Times {
        let mut days: Vec<(Date, Vec<SlotChoice>)> = Vec::new();
        for option in options {
            let choice = choice(visit, option, currency, form.get(&name));
            match days.last_mut().filter(|(day, _)| *day == option.slot.date) {
                Some((_, slots)) => slots.push(choice),
                None => days.push((option.slot.date, vec![choice])),
            }
        }
        let none = days.is_empty().then(|| basket(visit.lang).no_times.to_owned());
        let day = |(date, slots)| Day { label: visit.weekday_words(date), slots };
        let error = problems.text(&name).map(str::to_owned);
        Times { heading: None, none, days: days.into_iter().map(day).collect(), error, name }
    }
}

fn choice(
    visit: &Visit,
    option: &SlotOption,
    currency: Option<Currency>,
    chosen: &str,
) -> SlotChoice {
    let (words, numbers) = (basket(visit.lang), visit.numbers());
    let value = SlotId::of(&option.slot).to_string();
    let few = option.left.filter(|left| (1..=FEW).contains(left)).map(i32::unsigned_abs);
    let fee = currency.filter(|_| option.fee_minor > 0);
    SlotChoice {
        is_chosen: value == chosen,
        value,
        label: visit.hours_words(option.slot.starts_at, option.slot.ends_at),
        price: fee.map(|currency| numbers.money(Money::new(option.fee_minor, currency))),
        is_priced: currency.is_some(),
        left: few
            .map(|left| fill(words.slot_left.form(left.into()), "n", &numbers.whole(left.into()))),
        is_full: option.left == Some(0),
    }
}
