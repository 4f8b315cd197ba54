//! Amounts as text and back.

use proptest::prelude::{any, proptest};
use proptest::sample::select;
use souk_base::{Currency, Money, MoneyError};

#[test]
fn a_dinar_has_three_digits_and_a_pound_two() {
    assert_eq!(Money::new(12_500, Currency::Kwd).to_string(), "12.500 KWD");
    assert_eq!(Money::new(-5, Currency::Gbp).to_string(), "-0.05 GBP");
}

#[test]
fn a_decimal_with_too_many_digits_is_refused() {
    assert!(Money::parse_decimal("1.005", Currency::Gbp).is_err());
    assert_eq!(Money::parse_decimal("1.0050", Currency::Kwd).unwrap().minor, 1_005);
    for bad in ["", ".", "1.", ".5", "1,5", "1e3", "+1", "NaN", "٣"] {
        let read = Money::parse_decimal(bad, Currency::Gbp);
        assert_eq!(read.is_ok(), bad == "1.", "{bad}");
    }
}

#[test]
fn amounts_of_two_currencies_do_not_add_up() {
    let sum = Money::new(1, Currency::Kwd).plus(Money::new(1, Currency::Gbp));

    assert_eq!(sum, Err(MoneyError::Currencies(Currency::Kwd, Currency::Gbp)));
}

proptest! {
    #[test]
    fn every_amount_survives_the_way_through_a_decimal(
        minor in any::<i32>(), currency in select(&Currency::ALL[..])
    ) {
        let money = Money::new(i64::from(minor), currency);

        assert_eq!(Money::parse_decimal(&money.to_decimal(), currency).unwrap(), money);
    }
}
