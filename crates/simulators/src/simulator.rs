//! All providers together, called in this process or through [`crate::serve`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use souk_providers::http::{Answer, CallError, Client, Request};

use crate::bank::{Bank, Deed, Payment, Shown};
use crate::moods::Moods;
use crate::wire::{self, Back, Call};

/// A callback to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The provider.
    pub connector: &'static str,
    /// Where to.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// Payment providers with one set of books. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Simulator {
    inner: Arc<Mutex<Inner>>,
    base: Arc<str>,
}

#[derive(Debug)]
struct Inner {
    bank: Bank,
    moods: Moods,
    chance: StdRng,
    seed: u64,
}

/// What a call came to.
pub(crate) enum Came {
    Answer(u16, String),
    /// Nothing happened, and nobody answers.
    Nowhere,
    /// It happened, and nobody answers.
    Silence,
}

/// The settings of a shop's account at a simulated provider; base is where the simulators are, without a closing slash.
#[must_use]
pub fn settings(connector: &str, base: &str) -> Vec<(&'static str, String)> {
    let mut settings = wire::settings(connector);
    settings.push(("base", format!("{base}/{connector}")));
    settings
}

impl Simulator {
    /// Providers at this address; every choice comes from the seed.
    #[must_use]
    pub fn new(base: &str, seed: u64) -> Simulator {
        let chance = StdRng::seed_from_u64(seed);
        let inner = Inner { bank: Bank::default(), moods: Moods::default(), chance, seed };
        Simulator { inner: Arc::new(Mutex::new(inner)), base: base.trim_end_matches('/').into() }
    }

    /// Changes how reliable the providers are from now on.
    pub fn set_moods(&self, moods: Moods) {
        self.lock().moods = moods;
    }

    /// A client whose calls end here, without a socket.
    #[must_use]
    pub fn client(&self) -> Client {
        let simulator = self.clone();
        Client::here(Arc::new(move |request| simulator.send(request)))
    }

    fn send(&self, request: &Request) -> Result<Answer, CallError> {
        let path = request.url.strip_prefix(&*self.base).unwrap_or(&request.url);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let headers = request.headers.iter();
        let call = Call {
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body: request.body.clone(),
        };
        match self.call(&call) {
            Came::Answer(status, body) => Ok(Answer { status, body: body.into_bytes() }),
            Came::Nowhere => Err(CallError::NotSent("simulated".to_owned())),
            Came::Silence => Err(CallError::NoAnswer("simulated".to_owned())),
        }
    }

    /// One call of a shop, in the mood of the moment.
    pub(crate) fn call(&self, call: &Call) -> Came {
        let mut inner = self.lock();
        let moods = inner.moods;
        if inner.chance.random_ratio(moods.unreachable.min(100), 100) {
            return Came::Nowhere;
        }
        if inner.chance.random_ratio(moods.errors.min(100), 100) {
            return Came::Answer(503, String::new());
        }
        let seed = inner.seed;
        let (status, body) = wire::answer(&mut inner.bank, call, &self.base, seed);
        if inner.chance.random_ratio(moods.lost_answers.min(100), 100) {
            return Came::Silence;
        }
        Came::Answer(status, body)
    }

    /// What a shopper does with a payment; gives where the browser goes then, none where nothing changed.
    pub fn act(&self, id: &str, deed: Deed, late: bool) -> Option<Back> {
        let mut inner = self.lock();
        let changed = inner.bank.act(id, deed, late);
        let payment = inner.bank.payments.get(id)?;
        changed.then(|| wire::back(payment))
    }

    /// Callbacks that are due at this second of Unix time: some lost, some twice, in any order, as the mood is.
    #[must_use]
    pub fn hooks(&self, now_s: i64) -> Vec<Hook> {
        let mut inner = self.lock();
        let moods = inner.moods;
        let news = std::mem::take(&mut inner.bank.news);
        let mut hooks = Vec::new();
        for (id, back) in news {
            let Some(payment) = inner.bank.payments.get(&id) else { continue };
            let Some(hook) = wire::hook(payment, back.as_deref(), now_s) else { continue };
            let lost = inner.chance.random_ratio(moods.lost_callbacks.min(100), 100);
            let twice = inner.chance.random_ratio(moods.repeated_callbacks.min(100), 100);
            let times = usize::from(!lost) + usize::from(!lost && twice);
            hooks.extend(std::iter::repeat_n(hook, times));
        }
        if moods.shuffled {
            hooks.shuffle(&mut inner.chance);
        }
        hooks
    }

    /// Every payment.
    #[must_use]
    pub fn payments(&self) -> Vec<Shown> {
        self.lock().bank.shown()
    }

    pub(crate) fn payment(&self, id: &str) -> Option<Payment> {
        self.lock().bank.payments.get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
