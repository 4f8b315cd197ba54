//! From typed lines to synonyms and back, and the pages in each language.

use askama::Template as _;
use souk_base::{Lang, StaffId, Synonym, SynonymId, SynonymKind};
use souk_commerce::staff::{Role, Staff};
use souk_commerce::synonyms::Filter;

use super::editor::EditorPage;
use super::list::SynonymsPage;
use super::{draft, filled, read};
use crate::office::Colleague;
use crate::office::fields::Problems;
use crate::office::form::Form;
use crate::office::trial::{Found, Trial};
use crate::sample;
use crate::text::tuning::tuning;

fn synonym() -> Synonym {
    Synonym {
        id: SynonymId::new(3),
        market: Some("KW".parse().unwrap()),
        lang: Some(Lang::En),
        kind: SynonymKind::OneWay,
        words: ["posy", "bunch of <b>flowers</b>"].map(str::to_owned).into(),
    }
}

#[test]
fn what_was_typed_becomes_a_synonym_and_is_filled_in_again() {
    let new = read(&filled(&synonym()));

    assert_eq!(new, synonym().into());
    let mut form = Form::default();
    form.put("words", "  posy \n\n bunch ");
    assert_eq!(read(&form).words, ["posy", "bunch"]);
    assert_eq!((read(&form).market, read(&form).kind), (None, SynonymKind::TwoWay));
}

#[test]
fn one_word_alone_is_told_beside_the_words() {
    let mut form = Form::default();
    form.put("words", "posy");

    let problems = draft(&form, None, Lang::En).unwrap_err();

    assert_eq!(problems.text("words"), Some(tuning(Lang::En).bad_words));
}

#[test]
fn list_and_form_are_shown_in_every_language_and_nothing_typed_is_markup() {
    let tables = sample::tables();
    for lang in Lang::ALL {
        for role in [Role::Merchandiser, Role::Support] {
            let staff = Staff {
                id: StaffId::new(1),
                email: "a@b.c".to_owned(),
                name: "Aisha".to_owned(),
                roles: vec![role],
            };
            let caller = sample::caller("/office/synonyms", lang);
            let colleague = Colleague { staff, caller };
            let (known, words) = (synonym(), tuning(lang));

            let filter = Filter::default();
            let list = SynonymsPage::new(&colleague, &tables, &filter, &[synonym()]);
            let list = list.render().unwrap();
            let form = filled(&known);
            let problems = Problems::of("words", "", words.bad_words);
            let trial = Trial::new(&form, &tables, &Found::Nothing, lang);
            let editor =
                EditorPage::new(&colleague, &tables, Some(&known), &form, &problems, trial);
            let editor = editor.render().unwrap();

            assert!(list.contains("/office/synonyms/3") && list.contains("posy"), "{lang}");
            let may_write = role == Role::Merchandiser;
            assert_eq!(list.contains("/office/synonyms/new"), may_write);
            assert_eq!(editor.contains("save-bar"), may_write);
            assert!(editor.contains(words.bad_words) && editor.contains("posy"));
            assert!(!list.contains("<b>") && !editor.contains("<b>"));
        }
    }
}
