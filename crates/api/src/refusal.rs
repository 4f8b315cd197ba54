//! Why a cart could not be bought, in the words of the HTTP interface.

use souk_base::Money;
use souk_commerce::carts::ProblemKind;
use souk_commerce::checkout::Refusal;

use crate::error::{Code, Error, FieldError};

/// What the cart costs by now, where that is the matter.
pub(crate) fn total(error: &Error) -> Option<Money> {
    match error {
        Error::Commerce(souk_commerce::Error::Refused(Refusal::TotalChanged(total))) => {
            Some(*total)
        }
        _ => None,
    }
}

/// The stable code of a refusal.
pub(crate) fn code(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::CartCompleted => Code::CartCompleted,
        Refusal::CartIncomplete(_) => Code::CartIncomplete,
        Refusal::TotalChanged(_) => Code::TotalChanged,
        Refusal::OutOfStock(_) => Code::OutOfStock,
        Refusal::SlotFull(_) => Code::SlotFull,
        Refusal::SlotClosed => Code::SlotClosed,
        Refusal::CouponNotValid(_) => Code::CouponNotValid,
        Refusal::MethodNotOffered => Code::MethodNotOffered,
        Refusal::TooManyUnpaid => Code::TooManyUnpaid,
        Refusal::NotSoMany => Code::Conflict,
    }
}

/// What exactly cannot be had.
pub(crate) fn fields(refusal: &Refusal) -> Vec<FieldError> {
    let its = code(refusal);
    let field = |pointer: String| FieldError::new(pointer, its, refusal.to_string());
    match refusal {
        Refusal::OutOfStock(offers) => {
            offers.iter().map(|offer| field(format!("/offers/{offer}"))).collect()
        }
        Refusal::SlotFull(windows) => {
            windows.iter().map(|window| field(format!("/windows/{window}"))).collect()
        }
        Refusal::CartIncomplete(kinds) => kinds
            .iter()
            .map(|kind| match kind {
                ProblemKind::Missing(name) => field(format!("/{name}")),
                other => field(format!("/problems/{}", other.code())),
            })
            .collect(),
        Refusal::CouponNotValid(code) => vec![field(format!("/coupons/{code}"))],
        Refusal::MethodNotOffered => vec![field("/payment_method".to_owned())],
        _ => Vec::new(),
    }
}
