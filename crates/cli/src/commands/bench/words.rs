//! The words of the invented catalogue: a few real ones, then invented ones that can be pronounced, drawn as often as words
//! of real catalogues are (the r-th word about 1 / (r + 20) as often).
//!
//! **Invariant**: a word depends on its language and rank alone, so that the query mix knows what the catalogue holds.

use std::collections::HashSet;

/// A language that the catalogue is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
    En,
    Ar,
    Ru,
}

impl Tongue {
    /// All of them.
    pub(super) const ALL: [Tongue; 3] = [Tongue::En, Tongue::Ar, Tongue::Ru];

    /// As the shop knows it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Tongue::En => "en",
            Tongue::Ar => "ar",
            Tongue::Ru => "ru",
        }
    }

    const fn real_words(self) -> &'static str {
        match self {
            Tongue::En => EN,
            Tongue::Ar => AR,
            Tongue::Ru => RU,
        }
    }

    /// First and second letters of the invented syllables.
    const fn letters(self) -> (&'static str, &'static str) {
        match self {
            Tongue::En => ("bdfghjklmnprstvwz", "aeiou"),
            Tongue::Ar => ("بتجحدرزسشصطعفقكلمنه", "اوي"),
            Tongue::Ru => ("бвгджзклмнпрстфхцчш", "аеиоу"),
        }
    }
}

const EN: &str = "gift rose box red white set bouquet chocolate gold cake pink blue candle silver mug vintage heart \
    small large classic basket garden leather wooden glass ceramic birthday wedding love tea coffee cotton silk bottle frame \
    lamp plant orchid tulip lily perfume honey dates almond biscuit toy bear book pen watch ring necklace bracelet scarf \
    wallet cushion blanket towel vase bowl plate tray jar spoon clock mirror card balloon ribbon wreath lantern puzzle game \
    photo album diary bag purse hat glove sock shawl soap cream oil incense bakhoor saffron caramel truffle vanilla berry \
    lavender jasmine sunflower peony hydrangea carnation daisy cactus succulent bonsai herb spring summer winter autumn eid \
    ramadan mother father baby friend teacher luxury premium handmade natural organic royal elegant modern rustic mini giant \
    soft bright dark green black purple orange yellow cream ivory crystal marble bronze copper velvet linen wool paper stone";

const AR: &str = "هدية ورد أحمر أبيض صندوق باقة شوكولاتة ذهب كيك وردي أزرق شمعة فضة كوب قلب صغير كبير سلة حديقة جلد خشب زجاج \
    عيد ميلاد زفاف حب شاي قهوة قطن حرير زجاجة إطار مصباح نبات أوركيد توليب زنبق عطر عسل تمر لوز بسكويت لعبة دب كتاب قلم ساعة \
    خاتم قلادة سوار وشاح محفظة وسادة بطانية منشفة مزهرية وعاء طبق صينية ملعقة مرآة بطاقة بالون شريط فانوس صورة ألبوم حقيبة \
    صابون زيت بخور عود زعفران كراميل فانيليا ياسمين رمضان أم أب طفل صديق معلم فاخر طبيعي ملكي أنيق حديث ناعم أخضر أسود رخام";

const RU: &str = "подарок роза красный белый коробка букет шоколад золото торт розовый синий свеча серебро кружка сердце \
    маленький большой корзина сад кожа дерево стекло керамика рождение свадьба любовь чай кофе хлопок шёлк бутылка рамка лампа \
    растение орхидея тюльпан лилия духи мёд финик миндаль печенье игрушка медведь книга ручка часы кольцо ожерелье браслет \
    шарф кошелёк подушка плед полотенце ваза миска тарелка поднос ложка зеркало открытка шар лента венок фонарь пазл игра фото \
    альбом сумка мыло крем масло ладан шафран карамель ваниль жасмин пион ромашка кактус весна лето зима мама папа друг \
    учитель роскошный натуральный элегантный современный мягкий зелёный чёрный мрамор бронза бархат шерсть бумага камень";

/// Words of a language.
const WORDS: u64 = 20_000;
/// How far the most frequent words are from being everywhere.
const FLATNESS: u64 = 20;
/// Weights are whole numbers: this over rank and flatness.
const WEIGHT: u64 = 1 << 32;
/// Steps from one invented word to the next; prime, so that no word comes twice.
const STRIDE: u64 = 7_919;

/// The words of one language by rank, the most frequent first.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<String>,
    /// Sum of the weights up to and with each rank.
    weights: Vec<u64>,
}

impl Vocabulary {
    /// The same words on every run and machine.
    pub(super) fn of(tongue: Tongue) -> Vocabulary {
        let mut seen = HashSet::new();
        let real = tongue.real_words().split_whitespace().map(str::to_owned);
        let invented = (1..).map(|number| invented(tongue, number));
        let words = real.chain(invented).filter(|word| seen.insert(word.clone()));
        let words: Vec<String> = words.take(usize::try_from(WORDS).unwrap_or(usize::MAX)).collect();
        let weights = (0..WORDS).scan(0, |sum, rank| {
            *sum += WEIGHT / (rank + FLATNESS);
            Some(*sum)
        });
        Vocabulary { words, weights: weights.collect() }
    }

    /// The word of this rank.
    pub(super) fn word(&self, rank: u64) -> &str {
        let place = usize::try_from(rank % WORDS).unwrap_or_default();
        &self.words[place]
    }

    /// The word that this hash draws, frequent ones more often.
    pub(super) fn draw(&self, hash: u64) -> &str {
        let total = self.weights.last().copied().unwrap_or(1);
        let drawn = hash % total;
        &self.words[self.weights.partition_point(|&sum| sum <= drawn)]
    }
}

/// Three syllables.
fn invented(tongue: Tongue, number: u64) -> String {
    let (first, second) = tongue.letters();
    let (first, second): (Vec<char>, Vec<char>) =
        (first.chars().collect(), second.chars().collect());
    let syllables = first.len() * second.len();
    let mut rest = number * STRIDE;
    let mut word = String::new();
    for _ in 0..3 {
        let syllable = usize::try_from(rest).unwrap_or_default() % syllables;
        rest /= u64::try_from(syllables).unwrap_or(1);
        word.push(first[syllable / second.len()]);
        word.push(second[syllable % second.len()]);
    }
    word
}

/// A number that looks random and is the same on every run and machine (`SplitMix64`).
pub(super) const fn hash(number: u64, salt: u64) -> u64 {
    let mut mixed = number.wrapping_add(salt.wrapping_mul(0xd6e8_feb8_6659_fd93));
    mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vocabulary_has_as_many_different_words_as_it_says() {
        for tongue in Tongue::ALL {
            let vocabulary = Vocabulary::of(tongue);

            let different: HashSet<&String> = vocabulary.words.iter().collect();
            assert_eq!(different.len(), 20_000, "{tongue:?}");
        }
    }

    #[test]
    fn frequent_words_are_drawn_more_often_but_no_word_is_everywhere() {
        let vocabulary = Vocabulary::of(Tongue::En);
        let draws = 100_000_u64;
        let count = |word: &str| {
            (0..draws).filter(|&number| vocabulary.draw(hash(number, 1)) == word).count()
        };

        let (first, hundredth) = (count(vocabulary.word(0)), count(vocabulary.word(99)));
        assert!((500..1_000).contains(&first), "{first}");
        assert!((60..200).contains(&hundredth), "{hundredth}");
    }
}
