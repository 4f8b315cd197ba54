//! Reasons of recommendations in the languages of the shop.

use souk_base::Lang;
use souk_recommend::serve::Reason;

/// Stands for the product that a reason is because of.
const PRODUCT: &str = "{product}";

/// What is said of a reason; `product` is the title of what it is because of.
pub(super) fn text(reason: Reason, lang: Lang, product: &str) -> String {
    let [ar, en, ru, kk] = words(reason);
    let words = match lang {
        Lang::Ar => ar,
        Lang::En => en,
        Lang::Ru => ru,
        Lang::Kk => kk,
    };
    words.replace(PRODUCT, product)
}

/// In Arabic, English, Russian and Kazakh.
const fn words(reason: Reason) -> [&'static str; 4] {
    match reason {
        Reason::BoughtBefore => [
            "اشتريته من قبل",
            "You bought this before",
            "Вы это уже покупали",
            "Мұны бұрын сатып алғансыз",
        ],
        Reason::BecauseBought(_) => [
            "اشتراه من اشترى {product}",
            "Bought by others who bought {product}",
            "Это покупали те, кто купил «{product}»",
            "«{product}» алғандар мұны да алған",
        ],
        Reason::BecauseViewed(_) => [
            "لأنك شاهدت {product}",
            "Because you looked at {product}",
            "Потому что вы смотрели «{product}»",
            "Сіз «{product}» қарағандықтан",
        ],
        Reason::SimilarTo(_) => [
            "يشبه {product}",
            "Similar to {product}",
            "Похоже на «{product}»",
            "«{product}» тауарына ұқсас",
        ],
        Reason::BoughtTogether(_) => [
            "يُشترى مع {product}",
            "Bought together with {product}",
            "Покупают вместе с «{product}»",
            "«{product}» тауарымен бірге алынады",
        ],
        Reason::Trending => [
            "رائج هذه الأيام",
            "Trending these days",
            "В тренде в эти дни",
            "Осы күндері сұранысқа ие",
        ],
        Reason::Popular => ["مطلوب هنا", "Popular here", "Популярно здесь", "Мұнда танымал"],
        Reason::New => ["جديد في المتجر", "New in the shop", "Новинка", "Дүкендегі жаңалық"],
        Reason::Available => ["متوفر الآن", "Available now", "Есть в наличии", "Қазір бар"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_told_in_every_language_with_its_product() {
        for reason in [
            Reason::BoughtBefore,
            Reason::BecauseBought(1),
            Reason::BecauseViewed(1),
            Reason::SimilarTo(1),
            Reason::BoughtTogether(1),
            Reason::Trending,
            Reason::Popular,
            Reason::New,
            Reason::Available,
        ] {
            let texts = Lang::ALL.map(|lang| text(reason, lang, "Red Rose"));
            for text in &texts {
                assert_eq!(text.contains("Red Rose"), reason.because().is_some(), "{text}");
                assert!(!text.contains(PRODUCT));
                assert_eq!(texts.iter().filter(|other| *other == text).count(), 1, "{text}");
            }
        }
    }
}
