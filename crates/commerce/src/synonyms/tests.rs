//! Synonyms as the staff changes them, against a fresh database.

use souk_base::{Lang, SynonymKind};
use souk_testdb::TestDb;

use super::{Filter, NewSynonym, create, find, get, list, lock, remove, update};
use crate::writes::etag;
use crate::writes::fixture::{audited, keep, write};
use crate::{Conflict, Error, tables};

fn synonym(kind: SynonymKind, words: &[&str]) -> NewSynonym {
    let words = words.iter().map(|&word| word.to_owned()).collect();
    NewSynonym { market: None, lang: None, kind, words }
}

#[tokio::test]
async fn a_synonym_is_added_changed_and_removed_with_an_audit_row_each() {
    let db = TestDb::new().await;
    let mut open = write(db.pool()).await;
    let words = synonym(SynonymKind::TwoWay, &["bunch", "bouquet of flowers"]);
    let id = create(&mut open, &words).await.unwrap();
    keep(db.pool(), open).await;

    let mut open = write(db.pool()).await;
    let tag = etag(&get(&mut open, id).await.unwrap());
    lock(&mut open, id, Some(&tag)).await.unwrap();
    let arabic = NewSynonym {
        market: Some("KW".parse().unwrap()),
        lang: Some(Lang::Ar),
        ..synonym(SynonymKind::OneWay, &["باقة", "بوكيه"])
    };
    update(&mut open, id, &arabic).await.unwrap();
    assert!(matches!(lock(&mut open, id, Some(&tag)).await, Err(Error::Stale)));
    let changed = get(&mut open, id).await.unwrap();
    assert_eq!(NewSynonym::from(changed.clone()), arabic);
    assert_eq!(tables(&mut open).await.unwrap().synonyms, [changed]);
    remove(&mut open, id).await.unwrap();
    assert!(list(&mut open).await.unwrap().is_empty());
    keep(db.pool(), open).await;

    let actions: Vec<_> = audited(db.pool()).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["synonyms.create", "synonyms.update", "synonyms.remove"]);
}

#[tokio::test]
async fn a_list_is_narrowed_by_words_market_and_language() {
    let db = TestDb::new().await;
    let mut open = write(db.pool()).await;
    let plain = create(&mut open, &synonym(SynonymKind::TwoWay, &["bunch", "bouquet"])).await;
    let kuwait = NewSynonym {
        market: Some("KW".parse().unwrap()),
        lang: Some(Lang::Ar),
        ..synonym(SynonymKind::TwoWay, &["باقة", "بوكيه"])
    };
    let (plain, kuwait) = (plain.unwrap(), create(&mut open, &kuwait).await.unwrap());

    let found = async |open: &mut _, filter| -> Vec<_> {
        let found = find(open, &filter, None, 10).await.unwrap();
        found.into_iter().map(|synonym| synonym.id).collect()
    };
    let everything = Filter::default();
    assert_eq!(found(&mut *open, everything.clone()).await, [kuwait, plain]);
    let text = Some("BUNCH".to_owned());
    assert_eq!(found(&mut *open, Filter { text, ..everything.clone() }).await, [plain]);
    let market = Some("GB".parse().unwrap());
    assert_eq!(found(&mut *open, Filter { market, ..everything.clone() }).await, [plain]);
    let lang = Some(Lang::Ar);
    assert_eq!(found(&mut *open, Filter { lang, ..everything.clone() }).await, [kuwait, plain]);
    let older = find(&mut open, &everything, Some(kuwait), 10).await.unwrap();
    assert_eq!(older.len(), 1);
}

#[tokio::test]
async fn words_that_mean_nothing_and_the_same_again_are_refused() {
    let db = TestDb::new().await;
    for words in [&["bunch"][..], &["bunch", " - "], &["bunch", "bunch"]] {
        let mut open = write(db.pool()).await;
        let refused = create(&mut open, &synonym(SynonymKind::TwoWay, words)).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "words", .. })), "{words:?}");
    }
    let pair = synonym(SynonymKind::TwoWay, &["bunch", "bouquet"]);
    let mut open = write(db.pool()).await;
    create(&mut open, &pair).await.unwrap();

    let again = create(&mut open, &pair).await;

    assert!(matches!(again, Err(Error::Conflict(Conflict::SynonymExists))), "{again:?}");
    let mut open = write(db.pool()).await;
    let nowhere = NewSynonym { market: Some("XX".parse().unwrap()), ..pair };
    let refused = create(&mut open, &nowhere).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::NoSuchMarket))), "{refused:?}");
}
