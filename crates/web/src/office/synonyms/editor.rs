//! The form of a synonym.

use askama::Template;
use souk_api::Permission;
use souk_base::{Lang, Synonym, Tables};
use souk_commerce::writes;

use crate::frame::Frame;
use crate::office::Colleague;
use crate::office::desk::{self, Desk};
use crate::office::fields::{Input, Problem, Problems, Select};
use crate::office::form::Form;
use crate::office::trial::Trial;
use crate::text::analytics::analytics;
use crate::text::desk::desk as words_of;
use crate::text::fill;
use crate::text::tuning::{Tuning, tuning};

#[derive(Template)]
#[template(path = "office/synonym.html")]
pub(super) struct EditorPage {
    frame: Frame,
    desk: Desk,
    tuning: &'static Tuning,
    may_write: bool,
    heading: String,
    /// Where the form goes.
    action: String,
    is_new: bool,
    etag: String,
    problems: Vec<Problem>,
    notice: Option<String>,
    words: Input,
    kind: Select,
    market: Select,
    lang: Select,
    trial: Trial,
}

impl EditorPage {
    /// The form of this synonym, or of a new one, as it was filled.
    pub(super) fn new(
        colleague: &Colleague,
        tables: &Tables,
        synonym: Option<&Synonym>,
        form: &Form,
        problems: &Problems,
        trial: Trial,
    ) -> EditorPage {
        let lang = colleague.caller.lang();
        let (desk_words, tuning) = (words_of(lang), tuning(lang));
        let first = synonym.and_then(|synonym| synonym.words.first());
        let heading = first.map_or(tuning.new_synonym, String::as_str).to_owned();
        let count = u64::try_from(problems.all().len()).unwrap_or(u64::MAX);
        let notice = fill(desk_words.problems.form(count), "n", &count.to_string());
        let kinds = [("two_way", tuning.two_way), ("one_way", tuning.one_way)];
        let kinds = kinds.map(|(code, label)| (code.to_owned(), label.to_owned()));
        EditorPage {
            frame: desk::frame(colleague, &heading),
            desk: Desk::new(colleague, "/office/synonyms"),
            tuning,
            may_write: desk::may(&colleague.staff, Permission::SearchWrite),
            heading,
            action: synonym.map_or("/office/synonyms/new".to_owned(), |synonym| {
                format!("/office/synonyms/{}", synonym.id)
            }),
            is_new: synonym.is_none(),
            etag: synonym.map(writes::etag).unwrap_or_default(),
            problems: problems.all().to_vec(),
            notice: (count > 0).then_some(notice),
            words: Input::new("words", form, problems),
            kind: Select::new("kind", kinds, form, problems),
            market: Select::new("market", markets(tables, lang), form, problems),
            lang: Select::new("lang", languages(lang), form, problems),
            trial,
        }
    }
}

/// Every market and none.
pub(super) fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let markets = tables.markets.iter();
    let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
    let every = (String::new(), words_of(lang).every_market.to_owned());
    std::iter::once(every).chain(markets).collect()
}

/// Every language and none.
pub(super) fn languages(lang: Lang) -> Vec<(String, String)> {
    let languages = Lang::ALL.map(|lang| (lang.code().to_owned(), lang.name().to_owned()));
    let every = (String::new(), analytics(lang).every_language.to_owned());
    std::iter::once(every).chain(languages).collect()
}
