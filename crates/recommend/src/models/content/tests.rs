//! Content, by its known answers.

use linfa::DatasetBase;
use linfa::traits::Fit;

use super::{Content, Texts};

fn fitted(texts: &[(u32, &[u64])]) -> Content {
    let mut all = Texts::default();
    texts.iter().for_each(|(item, terms)| all.push(*item, terms.iter().copied()));
    Content::params().fit(&DatasetBase::new(all, ())).unwrap()
}

#[test]
fn rare_terms_that_are_shared_make_items_alike() {
    let content = fitted(&[(7, &[1, 2, 3]), (8, &[1, 2, 4]), (9, &[1, 5]), (10, &[6])]);

    let alike: Vec<u32> = content.similar(&[(7, 1.0)], 10).iter().map(|it| it.item).collect();

    assert_eq!(alike, [8, 9], "without itself and without what shares nothing");
    assert!((content.likeness(7, 7) - 1.0).abs() < 1e-6);
    assert!((content.similar(&[(7, 1.0)], 1)[0].score - content.likeness(7, 8)).abs() < 1e-6);
    assert!(content.likeness(7, 8) > content.likeness(7, 9) && content.likeness(7, 10) == 0.0);
}

#[test]
fn an_item_that_was_never_described_is_like_nothing() {
    let content = fitted(&[(1, &[1])]);

    assert!(content.similar(&[(2, 1.0)], 5).is_empty());
    assert!(!content.knows(2) && content.knows(1));
}

#[test]
fn terms_of_a_tenth_of_all_items_say_nothing() {
    let texts: Vec<(u32, Vec<u64>)> =
        (0..1_000).map(|item| (item, vec![0, 1 + u64::from(item) / 4])).collect();
    let texts: Vec<(u32, &[u64])> = texts.iter().map(|(item, terms)| (*item, &terms[..])).collect();

    let content = fitted(&texts);

    assert_eq!(content.similar(&[(0, 1.0)], 10).len(), 3);
    assert!(content.likeness(0, 999) == 0.0);
}

#[test]
fn a_share_of_nothing_is_refused() {
    use linfa::ParamGuard as _;

    assert!(Content::params().share_max(0.0).check().is_err());
}
